// Watches the processes: they must be those that were started, be ready, log no error, and keep no
// memory that they should free. Live memory is counted after a full collection.
import { readFileSync, statSync } from 'node:fs';
import { memoryMb } from '../../support/process-figures.js';
import { Inspected } from '../../support/inspected.js';
import type { ChaosStack } from '../../chaos/stack/chaos-stack.js';
import type { Secrets } from './secrets.js';

export const WATCHED = ['api', 'webhook', 'worker'] as const;
const SHOWN = 10;
const MEGABYTE = 2 ** 20;
const LISTENS = /Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//g;
/** A line at pino's level of an error or above, or about a fault of the program at any level. */
const FAULT = /^\{"level":(?:"error"|"fatal"|[56]0)|"type":"(?:Type|Reference|Range|Syntax)Error"/;
/** The stack of an error that is logged as such: a log is the place for it, not for a caller. */
const LOGGED_STACK = /"stack":"(?:[^"\\]|\\.)*"/g;

/**
 * The memory that may be added after the warm-up. A leak of a kilobyte each shows: 75,000 callbacks
 * would add 75 MB, 15,000 requests 15.
 */
const GROWTH_LIMITS = { heapMb: 12, residentMb: 64 } as const;

/** For every process that is to be watched: an inspector on a port of its own choice. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/** The memory of one process. */
type Memory = Readonly<{ name: string; heapMb: number; residentMb: number }>;

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

/**
 * The faults and the secrets in a log. An overloaded machine makes warnings of operations that were
 * late, each with its error; only other stack traces are wrong.
 */
export function logProblems(name: string, log: string, secrets: Secrets): string[] {
  const faults = log.split('\n').filter((line) => FAULT.test(line));
  return [
    ...faults.map((line) => `${name} logged ${line.slice(0, 300)}`),
    ...secrets.problemsIn(`the log of ${name}`, log, log.replaceAll(LOGGED_STACK, '')),
  ];
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
        const answer = await fetch(`${this.#stack.urls[name]}/readyz`).catch(() => undefined);
        return answer?.ok ? [] : [`${name} is not ready: ${answer?.status ?? 'no answer'}`];
      }),
    );
    const logged = this.#watched.flatMap(({ name, logFile, logStart }) =>
      logProblems(name, readFileSync(logFile).subarray(logStart).toString(), secrets),
    );
    return [...this.#ended, ...unready.flat(), ...logged.slice(0, SHOWN)];
  }

  close(): void {
    for (const { inspected } of this.#watched) inspected.close();
  }
}
