// Who may open the ops pages. They are plain Fastify routes outside Nest, so the check is a hook
// and answers by itself.
import { AccessDenied, outlineOf, PROBLEM_CONTENT_TYPE, problemOf } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/api-keys.js';
import type { Authentication } from '../access/authentication.js';
import { understood } from '../requests/database-away.filter.js';
import { basicKey, bearerKey } from '../access/presented-key.js';

const CHALLENGE = 'Basic realm="Quittance ops: the key as password", charset="UTF-8"';
const SAFE_METHODS = ['GET', 'HEAD'];

/**
 * Finds the caller of an ops page, with a key of the operator: `ops:read` to look, `ops:write` to
 * change. Throws {@link AccessDenied}, and `too_many_requests` as {@link Authentication.callerOf}.
 */
export async function opsCaller(
  authentication: Authentication,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Caller> {
  const { authorization } = request.headers;
  const typed = basicKey(authorization);
  const caller = await authentication.callerOf(bearerKey(authorization) ?? typed, request, reply);
  const scope = isLooking(request) ? 'ops:read' : 'ops:write';
  // These pages show every merchant's jobs.
  if (caller.merchantId !== null || !caller.scopes.includes(scope)) {
    throw AccessDenied.forbidden(`The key does not have the scope ${scope}.`);
  }
  // A browser sends a password it knows with every request, also with those another site makes it
  // send.
  if (!isLooking(request) && typed !== undefined && !isSameOrigin(request)) {
    throw AccessDenied.forbidden('Changes are taken from our own pages only.');
  }
  return caller;
}

/** Whether the request asks for no change. */
export function isLooking({ method }: FastifyRequest): boolean {
  return SAFE_METHODS.includes(method);
}

function isSameOrigin({ headers: { origin, host } }: FastifyRequest): boolean {
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

/**
 * Answers a request that got no further; with 401 a browser asks for the password, which is the
 * key.
 */
export function refuse(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const outline = outlineOf(understood(thrown));
  if (outline.status === 401) reply.header('www-authenticate', CHALLENGE);
  if (outline.retryAfterSeconds !== undefined)
    reply.header('retry-after', outline.retryAfterSeconds);
  return reply
    .code(outline.status)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(problemOf(outline, request.id)));
}
