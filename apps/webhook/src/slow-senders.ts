// A callback has two kilobytes and comes in one piece. Who sends slower than any gateway holds a
// connection and nothing else.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/**
 * Cuts off a request that is not complete, headers and body, within `withinMs` of its first byte.
 * Node looks every five seconds, so that it can take that much longer.
 */
export function cutOffSlowSenders(app: NestFastifyApplication, withinMs: number): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const { server } = fastify;
  server.headersTimeout = withinMs;
  server.requestTimeout = withinMs;
  // Told 408 by then. Node would leave the socket half open, and who goes on dribbling into it is
  // looked at by nobody any more.
  server.on('clientError', (_error: Error, socket: Duplex) => (socket as Socket).destroySoon());
}
