// A gateway that takes every connection and never says a word.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** The reference in a create call that has arrived in full; it stands beside the encrypted text, for the gateway to find duplicates. */
function paidFor(text) {
  const [, head = '', body = ''] = /^(POST [^]*?)\r\n\r\n([^]*)$/.exec(text) ?? [];
  const [, length = Infinity] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
  return body.length < Number(length) ? null : new URLSearchParams(body).get('reference');
}

export class SilentGateway {
  #server;
  #sockets = new Set();
  #paying = new Set();
  /** Of the payments that have reached it. */
  references = [];

  static async start() {
    const gateway = new SilentGateway();
    gateway.#server = createServer((socket) => gateway.#take(socket));
    await once(gateway.#server.listen(0, '127.0.0.1'), 'listening');
    return gateway;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** Payments that wait for an answer; questions about others do too. */
  get open() {
    return this.#paying.size;
  }

  #take(socket) {
    this.#sockets.add(socket);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const reference = paidFor(text);
      if (reference === null || this.#paying.has(socket)) return;
      this.#paying.add(socket);
      this.references.push(reference);
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#paying.delete(socket);
    });
  }

  /** Cuts all that wait, so that no caller waits for them any more. */
  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
