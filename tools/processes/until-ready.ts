// A process is ready when it answers, and never will be once it has ended.
import { setTimeout as pause } from 'node:timers/promises';
import type { StartedProcess } from './session.js';

const POLL_MS = 50;

/**
 * Asks until there is an answer, and returns it.
 * @throws {Error} that says why there is none, if the process ends or `limitMs` passes
 */
export async function untilReady<T>(
  process: StartedProcess,
  ask: () => Promise<T>,
  limitMs: number,
): Promise<T> {
  let ended = false;
  void process.exited.then(() => (ended = true));
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      return await ask();
    } catch (cause) {
      if (ended) throw new Error('ended while starting', { cause });
      if (Date.now() > deadline) throw new Error(`is not ready (${String(cause)})`, { cause });
    }
    await pause(POLL_MS);
  }
}
