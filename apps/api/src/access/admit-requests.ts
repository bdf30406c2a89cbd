// The door of the api, before anything is read or routed to: what is below /v1 needs a caller, the open pages and whatever
// does not exist are counted by address. The ops pages have a door of their own.
import { AccessDenied } from '@quittance/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from './api-keys.js';
import type { Authentication } from './authentication.js';
import type { RequestLimits } from './limits/request-limits.js';
import { bearerKey } from './presented-key.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set at the door, for routes below /v1. */
    caller?: Caller;
  }
}

/** Asked by an orchestrator and by Prometheus, at a pace of their own. */
const UNCOUNTED = new Set(['/livez', '/readyz', '/metrics']);

/** What the door is made with. */
export interface DoorParts {
  readonly authentication: Authentication;
  readonly limits: RequestLimits;
}

/** Adds the door to the server; before it has routes. */
export function admitRequests(fastify: FastifyInstance, parts: DoorParts): void {
  fastify.addHook('onRequest', (request, reply) => admit(request, reply, parts));
}

async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  { authentication, limits }: DoorParts,
): Promise<void> {
  const route = request.is404 ? undefined : request.routeOptions.url;
  if (route?.startsWith('/v1/')) {
    request.caller = await authenticated(request, reply, authentication);
  } else if (!route?.startsWith('/ops/') && !UNCOUNTED.has(route ?? '')) {
    await limits.countForAddress(request, reply);
  }
}

async function authenticated(
  request: FastifyRequest,
  reply: FastifyReply,
  authentication: Authentication,
): Promise<Caller> {
  try {
    return await authentication.callerOf(bearerKey(request.headers.authorization), request, reply);
  } catch (error) {
    if (error instanceof AccessDenied) reply.header('www-authenticate', 'Bearer');
    throw error;
  }
}
