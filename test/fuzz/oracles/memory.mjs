// Whether a process keeps what it should let go. What is alive is counted after a full collection, once warm and at the end.
import { readFileSync } from 'node:fs';
import { Inspected } from '../../support/inspected.ts';
import { memoryMb } from '../../support/process-figures.ts';

const MEGABYTE = 2 ** 20;

/** What may be added after the warm-up. A leak of a kilobyte each shows: 75,000 callbacks would add 75 MB, 15,000 requests 15. */
export const GROWTH_LIMITS = { heapMb: 12, residentMb: 64 };

/** Given to every process that is to be looked into: an inspector on a port of its own choice. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/**
 * What is wrong with the way from one look to another.
 * @param {{ name: string, heapMb: number, residentMb: number }} warm
 * @param {{ heapMb: number, residentMb: number }} end
 */
export function memoryProblems(warm, end, limits = GROWTH_LIMITS) {
  return Object.entries(limits)
    .filter(([what, limit]) => end[what] - warm[what] > limit)
    .map(
      ([what, limit]) =>
        `${warm.name}: ${what} went from ${warm[what]} to ${end[what]}, by more than ${limit}`,
    );
}

export class MemoryWatch {
  #inspected;
  #name;
  #pid;

  /** @param {{ name: string, pid: number, logFile: string }} process started with {@link INSPECTABLE} */
  constructor({ name, pid, logFile }) {
    const told = [
      ...readFileSync(logFile, 'utf8').matchAll(
        /Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//g,
      ),
    ];
    this.#inspected = new Inspected(name, Number(told.at(-1)[1]));
    this.#name = name;
    this.#pid = pid;
  }

  async look() {
    const heapMb = Math.round(((await this.#inspected.liveHeapBytes()) / MEGABYTE) * 10) / 10;
    return { name: this.#name, heapMb, residentMb: memoryMb(this.#pid).now };
  }

  close() {
    this.#inspected.close();
  }
}
