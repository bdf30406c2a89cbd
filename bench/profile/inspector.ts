// Profiles a running Node process through its inspector, over exactly the rounds that count:
// `--cpu-prof` would record the start and the warm-up too.
import { writeFileSync } from 'node:fs';
import { WebSocket } from 'undici';
import { freePort } from '../../tools/servers/ports.js';
import type { CpuProfile } from './hot-functions.js';

/** Fine enough for functions of some microseconds, and its own cost stays in the percents. */
const SAMPLE_EVERY_US = 500;

async function connect(port: number): Promise<WebSocket> {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
  const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error('the inspector refused')), {
      once: true,
    });
  });
  return socket;
}

interface Reply<T> {
  readonly id: number;
  readonly error?: { readonly message: string };
  readonly result: T;
}

/** A process that listens for an inspector once it runs with `environment`. */
export class Inspected {
  readonly #port: number;
  #socket: Promise<WebSocket> | undefined;
  #lastId = 0;
  readonly #profiles: CpuProfile[] = [];
  readonly name: string;

  constructor(name: string, port: number) {
    this.name = name;
    this.#port = port;
  }

  static async prepare(name: string): Promise<Inspected> {
    return new Inspected(name, await freePort());
  }

  /** What the process is started with. */
  get environment(): Record<string, string> {
    return { NODE_OPTIONS: `--inspect=127.0.0.1:${this.#port}` };
  }

  async #ask<T>(method: string, params: object = {}): Promise<T> {
    const socket = await (this.#socket ??= connect(this.#port));
    const id = (this.#lastId += 1);
    const answer = new Promise<T>((resolve, reject) => {
      const onMessage = ({ data }: { data: unknown }) => {
        const message = JSON.parse(String(data)) as Reply<T>;
        if (message.id !== id) return;
        socket.removeEventListener('message', onMessage);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
      };
      socket.addEventListener('message', onMessage);
    });
    socket.send(JSON.stringify({ id, method, params }));
    return answer;
  }

  /** Bytes of the heap that are alive: what is left of it after a full collection. */
  async liveHeapBytes(): Promise<number> {
    await this.#ask('HeapProfiler.collectGarbage');
    return (await this.#ask<{ usedSize: number }>('Runtime.getHeapUsage')).usedSize;
  }

  async start(): Promise<void> {
    await this.#ask('Profiler.enable');
    await this.#ask('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
    await this.#ask('Profiler.start');
  }

  /** Ends one recording and keeps it as `file`, which Chrome's developer tools open. */
  async stop(file: string): Promise<void> {
    const { profile } = await this.#ask<{ profile: CpuProfile }>('Profiler.stop');
    writeFileSync(file, JSON.stringify(profile));
    this.#profiles.push(profile);
  }

  /** Everything recorded. */
  get profiles(): readonly CpuProfile[] {
    return this.#profiles;
  }

  close(): void {
    void this.#socket?.then((socket) => socket.close());
  }
}
