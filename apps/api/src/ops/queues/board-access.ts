// Authorizes access to the queue pages. They are plain Fastify routes outside Nest, so the check is
// a hook that sends its own response.
import { outlineOf, PROBLEM_CONTENT_TYPE, problemOf } from '@quittance/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { translate } from '../../requests/database-unavailable.filter.js';
import { isRead } from '../sign-in/ops-sessions.js';

/**
 * Sends the response to a rejected request. A browser that opens a page without a session goes to
 * the sign-in, and from there back.
 */
export function refuse(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const outline = outlineOf(translate(thrown));
  if (outline.status === 401) {
    const isPage = isRead(request) && request.headers.accept?.includes('text/html');
    if (isPage) return reply.redirect(`/ops/sign-in?next=${encodeURIComponent(request.url)}`, 303);
    reply.header('www-authenticate', 'Bearer');
  }
  if (outline.retryAfterSeconds !== undefined)
    reply.header('retry-after', outline.retryAfterSeconds);
  return reply
    .code(outline.status)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(problemOf(outline, request.id)));
}
