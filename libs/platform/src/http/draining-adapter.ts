// Fastify under Nest, with the order of an orderly stop: first no new connections, then the hooks
// `onModuleDestroy` and `beforeApplicationShutdown` (stop taking work, release long polls), then the requests in
// flight are finished, and only then `onApplicationShutdown` (close pools and connections).
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';

/** How often connections that have become idle are closed during a stop. */
const SWEEP_EVERY_MS = 20;

/** Nest's Fastify adapter, except that closing starts with closing the door; see the top of this file. */
export class DrainingAdapter extends FastifyAdapter {
  #drained: Promise<void> | undefined;

  override beforeClose(): void {
    super.beforeClose();
    this.#drained ??= stopListening(this.getHttpServer());
  }

  override async close(): Promise<void> {
    await this.#drained;
    await super.close();
  }
}

/** Resolves when every request in flight has been answered. */
function stopListening(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  server.prependListener('request', (_request, response) => {
    response.setHeader('connection', 'close');
  });
  // Node closes connections that are idle when the stop begins, not those that are kept alive after an answer.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS);
  return new Promise((resolve) => {
    server.close(() => {
      clearInterval(sweep);
      resolve();
    });
  });
}
