// Profiles a running Node process through its inspector, over exactly the rounds that count: `--cpu-prof` would record
// the start and the warm-up too.
import { writeFileSync } from 'node:fs';
import { WebSocket } from 'undici';
import { freePort } from '../../tools/servers/ports.ts';

/** Fine enough for functions of some microseconds, and its own cost stays in the percents. */
const SAMPLE_EVERY_US = 500;

async function connect(port) {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [{ webSocketDebuggerUrl }] = await response.json();
  const socket = new WebSocket(webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('the inspector refused')), {
      once: true,
    });
  });
  return socket;
}

/** A process that listens for an inspector once it runs with `environment`. */
export class Inspected {
  #port;
  #socket;
  #lastId = 0;
  #nodes = [];

  constructor(name, port) {
    this.name = name;
    this.#port = port;
  }

  /** @param {string} name */
  static async prepare(name) {
    return new Inspected(name, await freePort());
  }

  /** What the process is started with. */
  get environment() {
    return { NODE_OPTIONS: `--inspect=127.0.0.1:${this.#port}` };
  }

  async #ask(method, params = {}) {
    const id = (this.#lastId += 1);
    const answer = new Promise((resolve, reject) => {
      const onMessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.id !== id) return;
        this.#socket.removeEventListener('message', onMessage);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
      };
      this.#socket.addEventListener('message', onMessage);
    });
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer;
  }

  /** Bytes of the heap that are alive: what is left of it after a full collection. */
  async liveHeapBytes() {
    this.#socket ??= await connect(this.#port);
    await this.#ask('HeapProfiler.collectGarbage');
    return (await this.#ask('Runtime.getHeapUsage')).usedSize;
  }

  async start() {
    this.#socket ??= await connect(this.#port);
    await this.#ask('Profiler.enable');
    await this.#ask('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
    await this.#ask('Profiler.start');
  }

  /** Ends one recording and keeps it as `file`, which Chrome's developer tools open. */
  async stop(file) {
    const { profile } = await this.#ask('Profiler.stop');
    writeFileSync(file, JSON.stringify(profile));
    this.#nodes.push(profile);
  }

  /** Everything recorded. */
  get profiles() {
    return this.#nodes;
  }

  close() {
    this.#socket?.close();
  }
}
