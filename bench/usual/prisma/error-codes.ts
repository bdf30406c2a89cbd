// The errors of Prisma that are responses to a caller.
import { Prisma } from '../generated/client.js';

/** The codes by their meaning (Prisma's error reference). */
const CODES = { isTaken: 'P2002', isMissing: 'P2025' } as const;

/** True if the error says that a unique value is taken, or that a row is missing. */
export const hasCode = (error: unknown, meaning: keyof typeof CODES): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === CODES[meaning];
