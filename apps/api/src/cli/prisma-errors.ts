// The few errors of Prisma that mean something to an operator.

/** "Unique constraint failed" (Prisma's error reference). */
const TAKEN = 'P2002';

export function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === TAKEN;
}
