// A running Node process, asked through its inspector: for its live heap, and for profiles over
// exactly the time that counts.
import { WebSocket } from 'undici';

interface Reply {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result: unknown;
}

async function connect(port: number): Promise<WebSocket> {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the inspector refused')));
  });
  return socket;
}

/** A process that listens for an inspector: `--inspect=127.0.0.1:<port>`. */
export class Inspected {
  #socket: Promise<WebSocket> | undefined;
  #lastId = 0;
  readonly name: string;
  readonly port: number;

  constructor(name: string, port: number) {
    this.name = name;
    this.port = port;
  }

  /** Calls a method of the Chrome DevTools protocol; `T` is its result. */
  async ask<T>(method: string, params: object = {}): Promise<T> {
    const socket = await (this.#socket ??= connect(this.port));
    const id = (this.#lastId += 1);
    const answer = new Promise<T>((resolve, reject) => {
      const onMessage = ({ data }: { data: unknown }) => {
        const message = JSON.parse(String(data)) as Reply;
        if (message.id !== id) return;
        socket.removeEventListener('message', onMessage);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result as T);
      };
      socket.addEventListener('message', onMessage);
    });
    socket.send(JSON.stringify({ id, method, params }));
    return answer;
  }

  /** Bytes of the heap that are alive: those left after a full collection. */
  async liveHeapBytes(): Promise<number> {
    await this.ask('HeapProfiler.collectGarbage');
    return (await this.ask<{ usedSize: number }>('Runtime.getHeapUsage')).usedSize;
  }

  close(): void {
    void this.#socket?.then((socket) => socket.close());
  }
}
