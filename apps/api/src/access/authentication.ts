// Who sends a request: by key, within the limits, signed where the key demands it. It runs before a body is read, so that
// whoever is not let in costs as little as can be.
import { AccessDenied, type Clock } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiKeys, Caller } from './api-keys.js';
import type { RequestLimits } from './limits/request-limits.js';
import { ACCEPT_SIGNATURE, verifyRequest } from './signature/verify-request.js';

/** What authentication asks. */
export interface AuthenticationParts {
  readonly keys: ApiKeys;
  readonly limits: RequestLimits;
  readonly clock: Clock;
}

export class Authentication {
  readonly #parts: AuthenticationParts;

  constructor(parts: AuthenticationParts) {
    this.#parts = parts;
  }

  /**
   * The caller whose key is presented. Throws `unauthenticated`, `signature_required` or `signature_invalid` (401) and
   * `too_many_requests` (429).
   */
  async callerOf(
    key: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Caller> {
    const { keys, limits } = this.#parts;
    // An address that has used up its failures gets no more look-ups, except for keys that are known to be none.
    if (key === undefined || !keys.wasGood(key)) limits.refuseExhaustedAddress(request, reply);
    const caller = key === undefined ? undefined : await keys.callerOf(key);
    if (caller === undefined) {
      await limits.countForAddress(request, reply);
      throw AccessDenied.unauthenticated();
    }
    if (caller.signingKey) await this.#verify(caller.signingKey, caller, request, reply);
    await limits.countForKey(caller, reply);
    return caller;
  }

  async #verify(
    signingKey: NonNullable<Caller['signingKey']>,
    { keyId }: Caller,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { limits, clock } = this.#parts;
    const { method, originalUrl: target, headers } = request;
    try {
      verifyRequest({ method, target, headers }, { keyId, signingKey, now: clock.now() });
    } catch (error) {
      reply.header('accept-signature', ACCEPT_SIGNATURE);
      await limits.countForAddress(request, reply);
      throw error;
    }
  }
}
