// Disconnects slow senders. A callback has two kilobytes and arrives in one piece; a sender that is
// slower than any gateway only occupies a connection.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

/**
 * Disconnects a request whose headers and body are not complete within `withinMs` of its first
 * byte. Node checks every five seconds, so it can take that much longer.
 */
export function cutOffSlowSenders(app: NestFastifyApplication, withinMs: number): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const { server } = fastify;
  server.headersTimeout = withinMs;
  server.requestTimeout = withinMs;
  // By now the sender has got 408. Node would leave the socket half open, and no timeout would end
  // a sender that goes on writing to it.
  server.on('clientError', (_error: Error, socket: Duplex) => (socket as Socket).destroySoon());
}
