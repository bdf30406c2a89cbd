// A create request without fault, for tests that change one thing about it: the one that the API's
// document shows.
import { createExample } from '../src/openapi/examples.js';

export type RequestBody = Record<string, unknown>;

/** Paid by card; `changes` replace fields, `undefined` removes one. */
export function aRequest(changes: RequestBody = {}): RequestBody {
  return JSON.parse(JSON.stringify({ ...createExample, ...changes })) as RequestBody;
}

export function aCard(changes: RequestBody = {}): RequestBody {
  return { ...createExample.card, ...changes };
}
