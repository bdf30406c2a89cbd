// Authenticates requests: by key, within the limits, and by signature where the key requires one.
// It runs before a body is read, so that a rejected request costs as little as possible.
import { Injectable } from '@nestjs/common';
import { AccessDenied, Clock } from '@quittance/platform';
import { streamsBody } from '@quittance/server';
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
   * Resolves with the caller of a request. Throws `unauthenticated`, `signature_required`,
   * `signature_invalid` or `signature_replayed` (401) and `too_many_requests` (429).
   */
  async callerOf(
    key: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<Caller> {
    // An address that has used up its failures gets no more lookups, except for keys that this
    // process has accepted before.
    if (key === undefined || !this.keys.wasValid(key))
      this.limits.refuseExhaustedAddress(request, reply);
    const caller = key === undefined ? undefined : await this.keys.callerOf(key);
    if (caller === undefined) {
      await this.limits.countForAddress(request, reply);
      throw AccessDenied.unauthenticated();
    }
    const { signingKey } = caller;
    const once = signingKey && (await this.#signedOnce(signingKey, caller, request, reply));
    await this.limits.countForKey(caller, reply);
    // Last, so that a request that was rejected for another reason can be sent again unchanged.
    if (once) await this.#countRejection(request, reply, () => this.nonces.use(caller.keyId, once));
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
    return this.#countRejection(request, reply, () =>
      verifyRequest({ method, target, headers, isStreamed: streamsBody(request) }, signer),
    );
  }

  /** A rejected signature counts like a wrong key, and the response describes how to sign. */
  async #countRejection<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    verify: () => T | Promise<T>,
  ): Promise<T> {
    try {
      return await verify();
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      reply.header('accept-signature', acceptSignature());
      await this.limits.countForAddress(request, reply);
      throw error;
    }
  }
}
