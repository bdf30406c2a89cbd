// A wire that a test can cut: a port of our own in front of Postgres or Redis. Cut, every connection over it is reset and new
// ones are refused, as when the server is away; the server itself goes on for everybody else.
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A server reached over a wire of its own; see {@link linkTo}. */
export class SeverableLink {
  /** The target's address with this link's host and port. */
  readonly url: string;
  readonly #port: number;
  readonly #accept: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  #server: Server;

  /** For {@link linkTo}, which has the server listen already. */
  constructor(target: URL, server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    this.#accept = (near) => this.#join(near, target);
    server.on('connection', this.#accept);
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String(port);
    this.url = url.href;
  }

  /** Resets every connection and refuses new ones. */
  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Takes connections again, on the same port. */
  async mend(): Promise<void> {
    this.#server = createServer(this.#accept);
    await listening(this.#server, this.#port);
  }

  #join(near: Socket, target: URL): void {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  }
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** A link to the server at `url`. Call `cut` in `afterAll`. */
export async function linkTo(url: string): Promise<SeverableLink> {
  const server = createServer();
  return new SeverableLink(new URL(url), server, await listening(server, 0));
}
