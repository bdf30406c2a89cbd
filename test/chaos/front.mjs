// A port that stays while what answers behind it changes: a wire that can be cut or fall silent, and a balancer for rolling restarts.
import { connect, createServer } from 'node:net';

export class Front {
  #server;
  #targets;
  #turn = 0;
  #sockets = new Set();
  #isCut = false;
  /** Both ends of every connection that carries something. */
  #pairs = new Set();

  constructor(server, targets) {
    this.#server = server;
    this.#targets = targets;
    server.on('connection', (near) => this.#join(near));
  }

  /** @param {{ port: number, host?: string }[]} targets take turns, connection by connection */
  static async start(targets) {
    const server = createServer();
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new Front(server, targets);
  }

  get port() {
    return this.#server.address().port;
  }

  /** New connections go to these; those that are open stay where they are. */
  leadTo(targets) {
    this.#targets = targets;
  }

  /** Ends every connection, and each new one at once, as when the server is away. */
  cut() {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing passes any more over the connections that are open, and neither side hears of it. New ones work. */
  silence() {
    for (const [near, far] of this.#pairs) {
      near.unpipe(far).resume();
      far.unpipe(near).resume();
    }
    this.#pairs.clear();
  }

  mend() {
    this.#isCut = false;
  }

  close() {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #join(near) {
    near.on('error', () => near.destroy());
    const { length } = this.#targets;
    if (this.#isCut || length === 0) return near.destroy();
    const { port, host = '127.0.0.1' } = this.#targets[this.#turn % length];
    this.#turn += 1;
    const far = connect(port, host);
    const pair = [near, far];
    for (const socket of pair) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        // Over a silent one not even the end of the other side is heard.
        if (this.#pairs.delete(pair)) for (const end of pair) end.destroy();
      });
    }
    near.pipe(far).pipe(near);
    this.#pairs.add(pair);
  }
}
