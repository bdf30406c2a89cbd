// Fastify under Nest, with the order of an orderly stop: first no new connections, then the hooks
// `onModuleDestroy` and `beforeApplicationShutdown` (stop taking work, release long polls), then the requests in
// flight are finished, and only then `onApplicationShutdown` (close pools and connections).
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';

/** Nest's Fastify adapter, except that closing starts with closing the door; see the top of this file. */
export class DrainingAdapter extends FastifyAdapter {
  #drained: Promise<void> | undefined;

  override beforeClose(): void {
    super.beforeClose();
    this.#drained ??= stopListening(this.getHttpServer() as Server);
  }

  override async close(): Promise<void> {
    await this.#drained;
    await super.close();
  }
}

/** Resolves when every request in flight has been answered. */
function stopListening(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  // An answer on a kept-alive connection must close it, or `close` would wait for the client to hang up.
  server.prependListener('request', (_request, response) =>
    response.setHeader('connection', 'close'),
  );
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}
