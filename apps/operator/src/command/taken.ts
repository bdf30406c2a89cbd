// The one refusal of Postgres that means something to an operator.
import { errorCodeOf } from '@quittance/platform';

/** Prisma's code of a unique violation. */
const TAKEN = 'P2002';

/** Whether a name that must be the only one of its kind is taken. */
export function isTaken(error: unknown): boolean {
  return errorCodeOf(error) === TAKEN;
}
