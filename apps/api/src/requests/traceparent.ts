// The caller's trace, from the header of W3C Trace Context.
import type { FastifyRequest } from 'fastify';

/** Returns the header as it was sent, if it was sent once. It is parsed where it is used. */
export function traceparentOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const { traceparent } = headers;
  return typeof traceparent === 'string' ? traceparent : undefined;
}
