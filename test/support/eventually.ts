// Waiting for something that happens elsewhere, without guessing how long it takes.
import { setTimeout as pause } from 'node:timers/promises';

const DEFAULT_LIMIT_MS = 10_000;
const DEFAULT_EVERY_MS = 20;

/** How long to wait, and how often to look. */
export interface EventuallyOptions {
  readonly limitMs?: number;
  readonly everyMs?: number;
}

/**
 * Tries `attempt` until it stops throwing and returns what it returned.
 * Fails with the last attempt's own error when the limit (10 s by default) is over.
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
