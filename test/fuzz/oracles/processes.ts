// Watches the processes: they must be those that were started, be ready, log no error, and keep no
// memory that they should free. Live memory is counted after a full collection.
import { readFileSync, statSync } from 'node:fs';
import { memoryMb } from '../../support/process-figures.js';
import { Inspected } from '../../support/inspected.js';
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import type { Secrets } from './secrets.js';

export const WATCHED = ['api', 'webhook', 'worker'] as const;
const SHOWN = 10;
/** pino's level of an error. */
const ERROR = 50;
const MEGABYTE = 2 ** 20;
const LISTENS = /Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//g;

/**
 * The memory that may be added after the warm-up. A leak of a kilobyte each shows: 75,000 callbacks
 * would add 75 MB, 15,000 requests 15.
 */
const GROWTH_LIMITS = { heapMb: 12, residentMb: 64 } as const;

/** For every process that is to be watched: an inspector on a port of its own choice. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** The memory of one process. */
export type Memory = {
  readonly name: string;
  readonly heapMb: number;
  readonly residentMb: number;
};

/** The processes whose memory grew too much between two measurements. */
export function memoryProblems(before: readonly Memory[], after: readonly Memory[]): string[] {
  const kinds = ['heapMb', 'residentMb'] as const;
  return before.flatMap((one, at) =>
    kinds.flatMap((kind) => {
      const end = after[at]?.[kind] ?? one[kind];
      const isWrong = end - one[kind] > GROWTH_LIMITS[kind];
      return isWrong ? [`${one.name}: ${kind} went from ${one[kind]} to ${end}`] : [];
    }),
  );
}

/** The log lines from error up, without what is no JSON: Node's own lines about the inspector. */
export function errorLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return lines.filter((line) => {
    const { level } = JSON.parse(line) as { level: string | number };
    return level === 'error' || level === 'fatal' || Number(level) >= ERROR;
  });
}

export class ProcessWatch {
  readonly #stack: ChaosStack;
  readonly #ended: string[] = [];
  readonly #watched;

  /** @param stack its processes were started with {@link INSPECTABLE} */
  constructor(stack: ChaosStack) {
    this.#stack = stack;
    this.#watched = WATCHED.map((name) => {
      const { pid, exited } = stack.process(name);
      void exited.then(({ code, signal }) => this.#ended.push(`${name} ended: ${signal ?? code}`));
      const logFile = stack.stack.logFile(name);
      const port = [...readFileSync(logFile, 'utf8').matchAll(LISTENS)].at(-1)?.[1];
      const inspected = new Inspected(name, Number(port));
      return { name, pid, logFile, logStart: statSync(logFile).size, inspected };
    });
  }

  /** The memory of the named ones now, after a full collection. */
  memory(names: readonly string[]): Promise<Memory[]> {
    const chosen = this.#watched.filter(({ name }) => names.includes(name));
    return Promise.all(
      chosen.map(async ({ name, pid, inspected }) => {
        const heapMb = Math.round(((await inspected.liveHeapBytes()) / MEGABYTE) * 10) / 10;
        return { name, heapMb, residentMb: memoryMb(pid).now };
      }),
    );
  }

  /** The faults of the processes so far, and the secrets in their logs. */
  async problems(secrets: Secrets): Promise<string[]> {
    const unready = await Promise.all(
      WATCHED.map(async (name) => {
        const url = `${this.#stack.urls[name]}/readyz`;
        const status = await fetch(url).then(
          (answer) => answer.status,
          () => 'no answer',
        );
        return status === 200 ? [] : [`${name} is not ready: ${status}`];
      }),
    );
    const logged = this.#watched.flatMap(({ name, logFile, logStart }) => {
      const text = readFileSync(logFile).subarray(logStart).toString();
      return [
        ...errorLines(text).map((line) => `${name} logged ${line.slice(0, 300)}`),
        ...secrets.problemsIn(`the log of ${name}`, text),
      ];
    });
    return [...this.#ended, ...unready.flat(), ...logged.slice(0, SHOWN)];
  }

  close(): void {
    for (const { inspected } of this.#watched) inspected.close();
  }
}
