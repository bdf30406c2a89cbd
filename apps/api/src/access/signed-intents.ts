// Authenticates payment intents that arrive without a request of their own: as a job, or as a line
// of a batch. The signature stands for the key, so a transport that others can write to makes
// none of them a merchant.
import { Injectable } from '@nestjs/common';
import { AccessDenied, InvalidRequest } from '@quittance/platform';
import { readJson } from '@quittance/server';
import { ApiKeys, type MerchantCaller } from './api-keys.js';
import { readJws, verifiedPayload } from './signature/compact-jws.js';

/** A body as it would arrive by HTTP, not validated yet, and the merchant that signed it. */
export interface SignedIntent {
  readonly caller: MerchantCaller;
  readonly body: Readonly<Record<string, unknown>>;
}

@Injectable()
export class SignedIntents {
  constructor(private readonly keys: ApiKeys) {}

  /**
   * Verifies a compact JWS whose `kid` is the id of an API key, and parses its payload. Throws
   * `signature_required`, `signature_invalid`, `unauthenticated` (401), `forbidden` (403),
   * `payload_too_large` (413) and `unreadable_request` (400), never with what was sent. Limits and
   * repeats are the caller's: a JWS may be opened any number of times.
   */
  async open(jws: unknown): Promise<SignedIntent> {
    const read = readJws(jws);
    const caller = await this.keys.callerById(read.keyId);
    // One response for every key that cannot sign, so that an id alone reveals nothing.
    if (!caller?.signingKey) throw AccessDenied.unauthenticated(NO_SIGNER);
    const payload = await verifiedPayload(read, caller.signingKey);
    this.keys.noteUse(caller);
    const { merchantId } = caller;
    if (merchantId === null || !caller.scopes.includes('payments:write')) {
      throw AccessDenied.forbidden('The key does not have the scope payments:write.');
    }
    return { caller: { ...caller, merchantId }, body: objectIn(payload) };
  }
}

const NO_SIGNER = 'A valid API key with a public key is required; `kid` is its id.';

function objectIn(payload: Uint8Array): Readonly<Record<string, unknown>> {
  const value = readJson(payload);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new InvalidRequest('unreadable_request', 'The signed payload is not a JSON object.', {
    status: 400,
  });
}
