import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `ms` milliseconds, or rejects with the reason of `signal`. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
