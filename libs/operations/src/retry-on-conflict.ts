// Retries a change that lost a race. A change is decided from the loaded state and written only if
// that state is unchanged; after a conflict it is loaded and decided again.
import { OperatorError } from './operator-error.js';

/** Thrown inside a transaction that must roll back because another change was committed first. */
export class ConcurrentChangeError extends Error {
  override readonly name = 'ConcurrentChangeError';
}

/**
 * The number of races after which the change is abandoned; losing this many suggests that something
 * rewrites the record in a loop.
 */
const RACES_MAX = 20;

/**
 * Runs `work`, and retries it while it throws {@link ConcurrentChangeError}. Throws {@link
 * OperatorError} after 20 attempts.
 */
export async function retryOnConflict<T>(work: () => Promise<T>): Promise<T> {
  for (let race = 0; race < RACES_MAX; race += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ConcurrentChangeError)) throw error;
    }
  }
  throw new OperatorError('The record keeps changing; nothing was written. Try again.');
}
