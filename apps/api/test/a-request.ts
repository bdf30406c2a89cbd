// A valid create request for tests that change one thing: the example of the OpenAPI document.
import { createExample } from '../src/openapi/examples.js';

export type RequestBody = Record<string, unknown>;

/** A payment by card. `changes` replace fields; `undefined` removes one. */
export function aRequest(changes: RequestBody = {}): RequestBody {
  return JSON.parse(JSON.stringify({ ...createExample, ...changes })) as RequestBody;
}

export function aCard(changes: RequestBody = {}): RequestBody {
  return { ...createExample.card, ...changes };
}
