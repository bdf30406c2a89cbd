// Replies and callbacks that name another payment than they should: what a client must not believe.
import type { JsonObject } from '../wire/gateway-reply.js';

/** One more than it is: a valid amount that never equals the right one. */
export function withWrongAmount(body: JsonObject): JsonObject {
  const amount = Number(body['bill_amt']);
  return { ...body, bill_amt: `${(Number.isFinite(amount) ? amount : 0) + 1}` };
}

export function withWrongReference(body: JsonObject): JsonObject {
  return { ...body, reference: `${String(body['reference'])}-OTHER` };
}
