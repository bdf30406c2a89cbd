// The one refusal of Postgres that means something to an operator.
import { errorCodeOf } from '@quittance/platform';

/** Postgres's `unique_violation`. */
const TAKEN = '23505';

/** Whether a name that must be the only one of its kind is taken. */
export function isTaken(error: unknown): boolean {
  return errorCodeOf(error) === TAKEN;
}
