// Who sends a request: by key, within the limits, signed where the key demands it. It runs before a
// body is read, so that whoever is not let in costs as little as can be.
import { Injectable } from '@nestjs/common';
import { AccessDenied, Clock } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiKeys, type Caller } from './api-keys.js';
import { RequestLimits } from './limits/request-limits.js';
import { UsedNonces } from './signature/used-nonces.js';
import { acceptSignature, type SignedOnce, verifyRequest } from './signature/verify-request.js';

@Injectable()
export class Authentication {
  constructor(
    private readonly keys: ApiKeys,
    private readonly limits: RequestLimits,
    private readonly nonces: UsedNonces,
    private readonly clock: Clock,
  ) {}

  /**
   * The caller whose key is presented. Throws `unauthenticated`, `signature_required`,
   * `signature_invalid` or `signature_replayed` (401) and `too_many_requests` (429).
   */
  async callerOf(
    key: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Caller> {
    // An address that has used up its failures gets no more look-ups, except for keys that are
    // known to be none.
    if (key === undefined || !this.keys.wasGood(key))
      this.limits.refuseExhaustedAddress(request, reply);
    const caller = key === undefined ? undefined : await this.keys.callerOf(key);
    if (caller === undefined) {
      await this.limits.countForAddress(request, reply);
      throw AccessDenied.unauthenticated();
    }
    const { signingKey } = caller;
    const once = signingKey && (await this.#signedOnce(signingKey, caller, request, reply));
    await this.limits.countForKey(caller, reply);
    // Last, so that a request that was refused for another reason can be sent again as it is.
    if (once) await this.#countRefused(request, reply, () => this.nonces.use(caller.keyId, once));
    return caller;
  }

  #signedOnce(
    signingKey: NonNullable<Caller['signingKey']>,
    { keyId }: Caller,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<SignedOnce> {
    const { method, originalUrl: target, headers } = request;
    const signer = { keyId, signingKey, now: this.clock.now() };
    return this.#countRefused(request, reply, () =>
      verifyRequest({ method, target, headers }, signer),
    );
  }

  /** A signature that is refused counts like a wrong key, and its answer says how to sign. */
  async #countRefused<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    look: () => T | Promise<T>,
  ): Promise<T> {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      reply.header('accept-signature', acceptSignature());
      await this.limits.countForAddress(request, reply);
      throw error;
    }
  }
}
