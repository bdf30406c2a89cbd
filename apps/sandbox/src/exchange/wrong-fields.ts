// Builds replies and callbacks that name the wrong payment, or name it unreadably, which a client
// must not accept. The entries have the names of their faults.
import type { JsonObject } from '../wire/gateway-reply.js';

type BodyChange = (body: JsonObject) => JsonObject;

const WRONG_FIELDS = {
  /** Adds one: a valid amount that never equals the right one. */
  wrong_amount: (body) => {
    const amount = Number(body['bill_amt']);
    return { ...body, bill_amt: `${(Number.isFinite(amount) ? amount : 0) + 1}` };
  },
  wrong_reference: (body) => ({ ...body, reference: `${String(body['reference'])}-OTHER` }),
  /** Adds a thousands separator, which no Java double has (protocol §3.1). */
  unreadable_amount: (body) => ({ ...body, bill_amt: `1,${String(body['bill_amt'])}` }),
  /** Adds an invisible character. */
  unreadable_reference: (body) => ({ ...body, reference: `${String(body['reference'])}\u200B` }),
} as const satisfies Record<string, BodyChange>;

/** Returns the fault's change of a body; undefined for faults that leave the fields unchanged. */
export function wrongFields(fault: string | undefined): BodyChange | undefined {
  return Object.entries(WRONG_FIELDS).find(([name]) => name === fault)?.[1];
}
