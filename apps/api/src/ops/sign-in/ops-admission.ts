// Admits requests to the operations API before their body is read. Sign-in and sign-out check their
// caller themselves.
import { Injectable } from '@nestjs/common';
import { AccessDenied } from '@quittance/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRead, OpsSessions } from './ops-sessions.js';

export const SESSION_ROUTE = '/v1/ops/session';

@Injectable()
export class OpsAdmission {
  constructor(private readonly sessions: OpsSessions) {}

  /** Adds the check to the server. Call it before routes are added. */
  addTo(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply) => this.#admit(request, reply));
  }

  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const route = request.is404 ? undefined : request.routeOptions.url;
    if (!route?.startsWith('/v1/ops/')) return;
    if (route === SESSION_ROUTE && !isRead(request)) return;
    try {
      request.opsCaller = await this.sessions.callerOf(request, reply);
    } catch (error) {
      if (error instanceof AccessDenied) reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  }
}
