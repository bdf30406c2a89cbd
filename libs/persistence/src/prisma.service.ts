// Prisma over the process's one pool: it reads and writes everything cold. The statements that
// carry the load, and those that Prisma cannot express, are SQL (docs/adr/0037).
import { PrismaPg } from '@prisma/adapter-pg';
import { errorCodeOf } from '@quittance/platform';
import type { Pool } from 'pg';
import { type Prisma, PrismaClient } from './generated/client.js';

/** The client within one transaction of Prisma's. */
export type PrismaTransaction = Prisma.TransactionClient;

/**
 * The longest time of a Prisma transaction. Each of its statements ends by the deadlines of the
 * pool (ADR 24); this limit only ends a transaction that does something else meanwhile.
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

/** True when Prisma reports a unique violation (P2002). */
export function isUniqueViolation(error: unknown): boolean {
  return errorCodeOf(error) === 'P2002';
}
