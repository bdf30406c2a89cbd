// Fastify under Nest, with the order of an orderly stop: first no new connections, then the hooks
// `onModuleDestroy` and `beforeApplicationShutdown` (stop taking work, release long polls), then
// the requests in flight are finished, and only then `onApplicationShutdown` (close pools and
// connections).
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Nest's Fastify adapter, except that closing starts with closing the door; see the top of this
 * file.
 */
export class DrainingAdapter extends FastifyAdapter {
  readonly #connections = new Connections(this.getInstance<FastifyInstance>().server);
  #drained: Promise<void> | undefined;

  override beforeClose(): void {
    super.beforeClose();
    this.#drained ??= this.#connections.drain();
  }

  override async close(): Promise<void> {
    await this.#drained;
    await super.close();
  }
}

/**
 * The connections of a server, each with its requests in flight. Node's own `closeIdleConnections`
 * spares a connection that has not sent a whole request yet, and once a server is closing nothing
 * times such a one out: a client that has connected ahead of need, or one that sends slowly, could
 * hold up the stop for ever.
 */
class Connections {
  readonly #server: Server;
  readonly #inFlight = new Map<Socket, number>();
  #isDraining = false;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#inFlight.set(socket, 0);
      socket.once('close', () => this.#inFlight.delete(socket));
    });
    server.prependListener('request', (request, response) => this.#follow(request, response));
  }

  /**
   * Takes no new connection, closes those without a request in flight, and resolves when every
   * request is answered.
   */
  drain(): Promise<void> {
    this.#isDraining = true;
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#inFlight.keys()) this.#closeIfIdle(socket);
    });
  }

  #follow({ socket }: IncomingMessage, response: ServerResponse): void {
    this.#inFlight.set(socket, (this.#inFlight.get(socket) ?? 0) + 1);
    if (this.#isDraining) response.setHeader('connection', 'close');
    response.once('close', () => {
      const left = this.#inFlight.get(socket);
      if (left === undefined) return;
      this.#inFlight.set(socket, left - 1);
      if (this.#isDraining) this.#closeIfIdle(socket);
    });
  }

  #closeIfIdle(socket: Socket): void {
    // What has been written still goes out first.
    if (this.#inFlight.get(socket) === 0) socket.destroySoon();
  }
}
