// Admits requests before anything is read or routed. Requests below /v1 need a caller; requests for
// open pages and unknown addresses are counted by address. Operators have a check of their own.
import { Injectable } from '@nestjs/common';
import { AccessDenied } from '@quittance/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from './api-keys.js';
import { Authentication } from './authentication.js';
import { RequestLimits } from './limits/request-limits.js';
import { bearerKey } from './presented-key.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on admission to the routes below /v1. */
    caller?: Caller;
  }
}

/** Called by orchestrators and Prometheus at their own rate. */
const UNCOUNTED = new Set(['/livez', '/readyz', '/metrics']);
/** The operations API and the queue pages; see `OpsSessions`. */
const OF_OPERATORS = /^\/(?:v1\/ops|ops\/queues)(?:\/|$)/;
/** Their callers are known once the body is read, and counted then. */
const COUNTED_LATER = new Set(['/api/s2s', '/api/s2s/encrypt']);

@Injectable()
export class RequestAdmission {
  constructor(
    private readonly authentication: Authentication,
    private readonly limits: RequestLimits,
  ) {}

  /** Adds the check to the server. Call it before routes are added. */
  addTo(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply) => this.#admit(request, reply));
  }

  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const route = (request.is404 ? undefined : request.routeOptions.url) ?? '';
    if (OF_OPERATORS.test(route)) return;
    if (route.startsWith('/v1/')) {
      request.caller = await this.#authenticate(request, reply);
      this.limits.countInFlight(request.caller, reply);
    } else if (!UNCOUNTED.has(route) && !COUNTED_LATER.has(route)) {
      await this.limits.countForAddress(request, reply);
    }
  }

  async #authenticate(request: FastifyRequest, reply: FastifyReply): Promise<Caller> {
    const key = bearerKey(request.headers.authorization);
    try {
      return await this.authentication.callerOf(key, request, reply);
    } catch (error) {
      if (error instanceof AccessDenied) reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  }
}
