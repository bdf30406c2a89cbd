// A server that follows a script byte by byte and records what reached it, as proof of whether a
// request left.
import { createServer, type Server, type Socket } from 'node:net';

/** Plays one accepted connection. */
export type ConnectionScript = (socket: Socket) => void;

/** Listens on a free port of 127.0.0.1 until closed. */
export class ByteServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #chunks: Buffer[] = [];
  #accepted = 0;

  private constructor(script: ConnectionScript) {
    // Half-open, so that a script may go on after the client has ended its side.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#accepted += 1;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      socket.on('end', () => socket.end());
      socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
      script(socket);
    });
  }

  static async start(script: ConnectionScript): Promise<ByteServer> {
    const server = new ByteServer(script);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Returns every byte received over any connection. */
  received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Resets every open connection and continues to listen. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Returns a complete HTTP reply. */
export function httpReply(status: number, body: string, headers: readonly string[] = []): string {
  const head = [`HTTP/1.1 ${status} X`, `content-length: ${Buffer.byteLength(body)}`, ...headers];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Runs `act` after each complete request, which has the body `{}` or none. */
export function afterRequest(act: (socket: Socket, head: string) => void): ConnectionScript {
  return (socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const isComplete = text.startsWith('GET') ? text.endsWith('\r\n\r\n') : text.endsWith('{}');
      if (!isComplete) return;
      const head = text;
      text = '';
      act(socket, head);
    });
  };
}
