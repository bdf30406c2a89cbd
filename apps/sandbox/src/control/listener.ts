// Makes the sandbox unreachable for a while: it closes the port, so connections are refused, and
// cuts every open connection. The port reopens automatically.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Another process took the port in the meantime; this is rare and worth a retry. */
const RETRY_MS = 100;

export class Listener {
  #server: Server | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Attaches the server, once it listens. */
  attach(server: Server): void {
    this.#server = server;
  }

  /**
   * Stops listening at once. Open connections stay until the returned function cuts them, so that
   * the request that asked for this gets its response first.
   */
  close(forMs: number): () => void {
    const server = this.#server;
    const address = server?.address();
    if (!server || address === null || typeof address !== 'object') return () => undefined;
    server.close();
    this.#timer = setTimeout(() => this.#reopen(server, address), forMs);
    return () => server.closeAllConnections();
  }

  /** Cancels the reopening, because the process is stopping. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#server = undefined;
  }

  #reopen(server: Server, address: AddressInfo): void {
    // An open connection prevents the server from closing, and so from listening again.
    server.closeAllConnections();
    const retry = (): void => {
      if (this.#server) this.#timer = setTimeout(() => this.#reopen(server, address), RETRY_MS);
    };
    server.once('error', retry);
    server.listen(address.port, address.address, () => server.removeListener('error', retry));
  }
}
