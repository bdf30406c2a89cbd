// Waiting for what happens in other processes, without guessing how long it takes.
import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 50;

/**
 * Calls `look` until it returns something that is neither undefined, null nor false, and returns that.
 * @param {() => Promise<T> | T} look
 * @param {{ what: string, limitMs: number, everyMs?: number }} options `what` goes into the Error at the limit
 * @returns {Promise<T>}
 * @template T
 */
export async function until(look, { what, limitMs, everyMs = EVERY_MS }) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await pause(everyMs);
  }
}

/** Runs `work` over the items, `width` at a time, and returns the results in their order. */
export async function inParallel(items, width, work) {
  const results = Array.from({ length: items.length });
  let next = 0;
  const run = async () => {
    while (next < items.length) {
      const at = next;
      next += 1;
      results[at] = await work(items[at], at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, run));
  return results;
}
