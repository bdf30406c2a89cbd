// Waiting for other processes without guessing how long they take.
import { setTimeout as pause } from 'node:timers/promises';

/** Long for a loaded machine: only what never happens reaches it. */
const DEFAULT_LIMIT_MS = 30_000;
const DEFAULT_EVERY_MS = 20;

/** The limit, and the pause between two attempts. */
export interface EventuallyOptions {
  readonly limitMs?: number;
  readonly everyMs?: number;
}

/**
 * Calls `attempt` until it does not throw, and returns its result. Rejects with the last error at
 * the limit (30 s by default).
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { limitMs = DEFAULT_LIMIT_MS, everyMs = DEFAULT_EVERY_MS }: EventuallyOptions = {},
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await pause(everyMs);
  }
}
