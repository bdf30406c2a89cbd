// A port of a test's own in front of Postgres, Redis or an app. Cut, it resets every connection and
// refuses new ones, as when the server is down, while the server works on for all others. Silent,
// it carries nothing over open connections, as after a failover or behind a firewall that has
// forgotten the connection.
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A server behind a port of its own; see {@link linkTo}. */
export class SeverableLink {
  /** The target's address with this link's host and port. */
  readonly url: string;
  readonly #port: number;
  readonly #accept: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  /** Both ends of every open connection. */
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #newOnes: 'work' | 'silent' | 'end' = 'work';
  #target: URL;
  #server: Server;

  /** For {@link linkTo}, whose server listens already. */
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
   * Ends every connection, and each new one at once until {@link speak}, as a load balancer without
   * a server does.
   */
  endConnections(): void {
    this.#newOnes = 'end';
    for (const socket of this.#sockets) socket.destroy();
  }

  /**
   * From now on nothing passes over open connections, in either direction, and neither end is
   * notified. New ones work, unless `new` is `'silent'` too, until {@link speak}.
   */
  silence(options: { readonly new: 'work' | 'silent' } = { new: 'work' }): void {
    for (const [near, far] of this.#pairs) near.unpipe(far).resume();
    this.loseAnswers();
    this.#newOnes = options.new;
  }

  /** As {@link silence}, but requests arrive: only the answers are lost. */
  loseAnswers(): void {
    for (const [near, far] of this.#pairs) far.unpipe(near).resume();
    this.#pairs.clear();
  }

  /**
   * New connections lead to the server at `url`. Open ones stay where they are, as behind a host
   * name that moves.
   */
  leadTo(url: string): void {
    this.#target = new URL(url);
  }

  /** New connections work again. Silenced ones stay silent. */
  speak(): void {
    this.#newOnes = 'work';
  }

  /** Takes connections again, on the same port. */
  async mend(): Promise<void> {
    this.#server = createServer(this.#accept);
    await listening(this.#server, this.#port);
  }

  #join(near: Socket, target: URL): void {
    if (this.#newOnes === 'end') {
      near.on('error', () => near.destroy());
      near.destroy();
      return;
    }
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far] as const;
    for (const socket of pair) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        // A silent connection does not carry the end of the other side either.
        if (this.#pairs.delete(pair)) for (const end of pair) end.destroy();
      });
    }
    if (this.#newOnes === 'silent') {
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
