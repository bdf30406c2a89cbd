// A change is decided on what was loaded and written only if that still stands; whoever loses that
// race looks again.
import { OperatorError } from './operator-error.js';

/** Thrown inside a transaction that must not be committed, because somebody was faster. */
export class ConcurrentChangeError extends Error {
  override readonly name = 'ConcurrentChangeError';
}

/**
 * Losing the race against the gateway's own word this often means that something rewrites the
 * record without end.
 */
const RACES_MAX = 20;

/** Runs `work` again for as long as it is {@link ConcurrentChangeError}. */
export async function retryOnConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let race = 0; race < RACES_MAX; race += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ConcurrentChangeError)) throw error;
    }
  }
  throw new OperatorError('It is changing too fast; nothing was written. Try again.');
}
