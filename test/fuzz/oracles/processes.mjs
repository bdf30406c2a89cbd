// Whether the processes are the ones that were started, are ready, and have reported no fault of their own.
import { readFileSync, statSync } from 'node:fs';
import { MemoryWatch } from './memory.mjs';

const WATCHED = ['api', 'webhook', 'worker'];
const SHOWN = 10;
/** pino's level of an error. */
const ERROR = 50;

/** The log lines from error up, without what is no JSON: Node's own words about the inspector. */
export function errorLines(text) {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .filter((line) => {
      const { level } = JSON.parse(line);
      return level === 'error' || level === 'fatal' || level >= ERROR;
    });
}

export class ProcessWatch {
  #stack;
  #ended = [];
  #logStarts = new Map();
  #memory;

  /** @param {import('../../chaos/stack/chaos-stack.ts').ChaosStack} stack its processes were started with INSPECTABLE */
  constructor(stack) {
    this.#stack = stack;
    for (const name of WATCHED) {
      this.#logStarts.set(name, statSync(stack.stack.logFile(name)).size);
      void stack
        .process(name)
        .exited.then(({ code, signal }) => this.#ended.push(`${name} ended: ${signal ?? code}`));
    }
    this.#memory = WATCHED.map(
      (name) =>
        new MemoryWatch({ name, pid: stack.process(name).pid, logFile: stack.stack.logFile(name) }),
    );
  }

  /** What each holds now, after a full collection. */
  memory() {
    return Promise.all(this.#memory.map((watch) => watch.look()));
  }

  /** What is wrong with them by now: also what their logs give away. */
  async problems(secrets) {
    const unready = await Promise.all(
      WATCHED.map(async (name) => {
        const { status } = await fetch(`${this.#stack.urls[name]}/readyz`).catch(() => ({
          status: 'no answer',
        }));
        return status === 200 ? [] : [`${name} is not ready: ${status}`];
      }),
    );
    const errors = WATCHED.flatMap((name) => {
      const log = readFileSync(this.#stack.stack.logFile(name)).subarray(this.#logStarts.get(name));
      const text = log.toString();
      return [
        ...errorLines(text).map((line) => `${name} logged ${line.slice(0, 300)}`),
        ...secrets.problemsIn(`the log of ${name}`, text),
      ];
    });
    return [...this.#ended, ...unready.flat(), ...errors.slice(0, SHOWN)];
  }

  close() {
    for (const watch of this.#memory) watch.close();
  }
}
