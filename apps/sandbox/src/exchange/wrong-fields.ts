// Replies and callbacks that name another payment than they should, or name it unreadably: what a
// client must not believe. By the names of their faults.
import type { JsonObject } from '../wire/gateway-reply.js';

type BodyChange = (body: JsonObject) => JsonObject;

const WRONG_FIELDS = {
  /** One more than it is: a valid amount that never equals the right one. */
  wrong_amount: (body) => {
    const amount = Number(body['bill_amt']);
    return { ...body, bill_amt: `${(Number.isFinite(amount) ? amount : 0) + 1}` };
  },
  wrong_reference: (body) => ({ ...body, reference: `${String(body['reference'])}-OTHER` }),
  /** The separator of thousands that no Java double has (protocol §3.1). */
  unreadable_amount: (body) => ({ ...body, bill_amt: `1,${String(body['bill_amt'])}` }),
  /** Looks like the right one. */
  unreadable_reference: (body) => ({ ...body, reference: `${String(body['reference'])}\u200B` }),
} as const satisfies Record<string, BodyChange>;

/** What the fault does to a body; undefined for the faults that leave the fields alone. */
export function wrongFields(fault: string | undefined): BodyChange | undefined {
  return Object.entries(WRONG_FIELDS).find(([name]) => name === fault)?.[1];
}
