// Authorizes access to the ops pages. They are plain Fastify routes outside Nest, so the check is a
// hook that sends its own response.
import { AccessDenied, parseUrl } from '@quittance/platform';
import { outlineOf, PROBLEM_CONTENT_TYPE, problemOf } from '@quittance/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/api-keys.js';
import type { Authentication } from '../access/authentication.js';
import { translate } from '../requests/database-unavailable.filter.js';
import { basicKey, bearerKey } from '../access/presented-key.js';

const CHALLENGE = 'Basic realm="Quittance ops: the key as password", charset="UTF-8"';
const SAFE_METHODS = ['GET', 'HEAD'];

/**
 * Resolves with the caller of an ops page, who needs an operator's key: `ops:read` to read,
 * `ops:write` to change. Throws {@link AccessDenied}, and `too_many_requests` as {@link
 * Authentication.callerOf} does.
 */
export async function opsCaller(
  authentication: Authentication,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Caller> {
  const { authorization } = request.headers;
  const typed = basicKey(authorization);
  const caller = await authentication.callerOf(bearerKey(authorization) ?? typed, request, reply);
  const scope = isRead(request) ? 'ops:read' : 'ops:write';
  // These pages show every merchant's jobs.
  if (caller.merchantId !== null || !caller.scopes.includes(scope)) {
    throw AccessDenied.forbidden(`The key does not have the scope ${scope}.`);
  }
  // A browser adds a stored password to every request, including requests that another site causes.
  if (!isRead(request) && typed !== undefined && !isSameOrigin(request)) {
    throw AccessDenied.forbidden('Changes are accepted from our own pages only.');
  }
  return caller;
}

/** True when the request changes nothing. */
export function isRead({ method }: FastifyRequest): boolean {
  return SAFE_METHODS.includes(method);
}

function isSameOrigin({ headers: { origin, host } }: FastifyRequest): boolean {
  return origin !== undefined && parseUrl(origin)?.host === host;
}

/**
 * Sends the response to a rejected request. On a 401 a browser asks for the password, which is the
 * key.
 */
export function refuse(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const outline = outlineOf(translate(thrown));
  if (outline.status === 401) reply.header('www-authenticate', CHALLENGE);
  if (outline.retryAfterSeconds !== undefined)
    reply.header('retry-after', outline.retryAfterSeconds);
  return reply
    .code(outline.status)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(problemOf(outline, request.id)));
}
