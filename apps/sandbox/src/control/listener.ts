// Makes the sandbox unreachable for a while: the port is really closed, so a connect is refused,
// and every open connection is cut. It reopens by itself.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Somebody else took the port meanwhile: rare, and worth waiting for. */
const RETRY_MS = 100;

export class Listener {
  #server: Server | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** To be called once the server listens. */
  attach(server: Server): void {
    this.#server = server;
  }

  /**
   * Stops listening at once; connections in use stay until the returned function cuts them, so that
   * the request that asked for this can be answered first.
   */
  close(forMs: number): () => void {
    const server = this.#server;
    const address = server?.address();
    if (!server || address === null || typeof address !== 'object') return () => undefined;
    server.close();
    this.#timer = setTimeout(() => this.#reopen(server, address), forMs);
    return () => server.closeAllConnections();
  }

  /** No reopening any more: the process is stopping. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#server = undefined;
  }

  #reopen(server: Server, address: AddressInfo): void {
    // A connection that is still open keeps the server from being closed, and so from listening
    // again.
    server.closeAllConnections();
    const retry = (): void => {
      if (this.#server) this.#timer = setTimeout(() => this.#reopen(server, address), RETRY_MS);
    };
    server.once('error', retry);
    server.listen(address.port, address.address, () => server.removeListener('error', retry));
  }
}
