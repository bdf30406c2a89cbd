// Prisma over the process's one pool: it reads and writes everything cold. The statements that
// carry the load, and those that Prisma cannot say, are SQL (docs/adr/0037).
import { PrismaPg } from '@prisma/adapter-pg';
import { errorCodeOf } from '@quittance/platform';
import type { Pool } from 'pg';
import { type Prisma, PrismaClient } from './generated/client.js';

/** What runs in one transaction of Prisma's. */
export type PrismaTransaction = Prisma.TransactionClient;

/**
 * The longest that a transaction of Prisma's takes. Each of its statements ends by the deadlines of
 * the pool (ADR 24); this one only ends what does something else meanwhile.
 */
const TRANSACTION = { maxWait: 5_000, timeout: 60_000 };

export class PrismaService extends PrismaClient {
  constructor(pool: Pool) {
    super({
      adapter: new PrismaPg(pool, { disposeExternalPool: false }),
      transactionOptions: TRANSACTION,
      // Without lines of source: the log has the stack.
      errorFormat: 'minimal',
    });
  }
}

/** True when Prisma reports that a value that must be unique is there already (P2002). */
export function isUniqueViolation(error: unknown): boolean {
  return errorCodeOf(error) === 'P2002';
}
