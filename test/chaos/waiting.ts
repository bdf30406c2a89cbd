// Waiting for other processes without guessing how long they take.
import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 50;

/**
 * Calls `look` until it returns something that is neither undefined, null nor false, and returns
 * that.
 * @param options `what` is what is waited for, for the error
 * @throws {Error} at the limit
 */
export async function until<T>(
  look: () => Promise<T> | T,
  { what, limitMs, everyMs = EVERY_MS }: { what: string; limitMs: number; everyMs?: number },
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false)
      return found as NonNullable<Exclude<T, false>>;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await pause(everyMs);
  }
}

/** Runs `work` over the items, `width` at a time, and returns the results in their order. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, at: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const run = async () => {
    for (const [at, item] of left) results[at] = await work(item, at);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, run));
  return results;
}
