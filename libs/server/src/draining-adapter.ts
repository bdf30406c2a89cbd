// Fastify under Nest with a graceful stop. It closes in this order: no new connections; the hooks
// `onModuleDestroy` and `beforeApplicationShutdown` (stop taking work, release long polls);
// completion of the requests in flight; `onApplicationShutdown` (close pools and connections).
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Nest's Fastify adapter, except that closing starts with the listening socket. */
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
 * The connections of a server, each with its number of requests in flight. Node's own
 * `closeIdleConnections` skips a connection that has not sent a whole request yet, and a closing
 * server no longer times such a connection out. A client that connects ahead of need, or sends
 * slowly, could hold up the stop for ever.
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
   * Accepts no new connection, closes those without a request in flight, and resolves when every
   * request has its response.
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
    // Bytes already written are sent first.
    if (this.#inFlight.get(socket) === 0) socket.destroySoon();
  }
}
