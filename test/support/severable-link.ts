// A wire that a test can cut: a port of our own in front of Postgres or Redis. Cut, every connection over it is reset and new
// ones are refused, as when the server is away; the server itself goes on for everybody else. Silent, it stays open and carries
// nothing, as after a failover or behind a firewall that has forgotten the connection.
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A server reached over a wire of its own; see {@link linkTo}. */
export class SeverableLink {
  /** The target's address with this link's host and port. */
  readonly url: string;
  readonly #port: number;
  readonly #accept: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  /** Both ends of every connection that stands. */
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isSilentToNew = false;
  #target: URL;
  #server: Server;

  /** For {@link linkTo}, which has the server listen already. */
  constructor(target: URL, server: Server, port: number) {
    this.#server = server;
    this.#port = port;
    this.#target = target;
    this.#accept = (near) => this.#join(near, this.#target);
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

  /**
   * From now on nothing passes over the connections that stand, in either direction, and neither end is notified. New ones work, unless
   * `new` is `'silent'` too. {@link speak} ends that for new ones.
   */
  silence(options: { readonly new: 'work' | 'silent' } = { new: 'work' }): void {
    for (const [near, far] of this.#pairs) near.unpipe(far).resume();
    this.loseAnswers();
    this.#isSilentToNew = options.new === 'silent';
  }

  /** As {@link silence}, but what is sent arrives: only the answers are lost. */
  loseAnswers(): void {
    for (const [near, far] of this.#pairs) far.unpipe(near).resume();
    this.#pairs.clear();
  }

  /** New connections lead to the server at `url`; those that stand stay where they are, as behind a name that moves. */
  leadTo(url: string): void {
    this.#target = new URL(url);
  }

  /** New connections work again. Those that were silenced stay silent. */
  speak(): void {
    this.#isSilentToNew = false;
  }

  /** Takes connections again, on the same port. */
  async mend(): Promise<void> {
    this.#server = createServer(this.#accept);
    await listening(this.#server, this.#port);
  }

  #join(near: Socket, target: URL): void {
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far] as const;
    for (const socket of pair) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        // Over a silent one not even the end of the other side is heard.
        if (this.#pairs.delete(pair)) for (const end of pair) end.destroy();
      });
    }
    if (this.#isSilentToNew) {
      near.resume();
      return;
    }
    near.pipe(far).pipe(near);
    this.#pairs.add(pair);
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
