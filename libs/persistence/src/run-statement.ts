// Runs a statement that more than one kind of transaction needs: on a connection of pg, or in a
// Prisma transaction.
import type { PoolClient } from 'pg';
import type { PrismaTransaction } from './prisma.service.js';

/** SQL, with the name of its prepared statement in pg. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs a statement that returns a row for each row it wrote, and resolves with their number. */
export type RunStatement = (statement: Statement, values: readonly string[]) => Promise<number>;

/** Runs statements on a connection of pg. */
export function onConnection(client: PoolClient): RunStatement {
  return async (statement, values) => {
    const { rowCount } = await client.query({ ...statement, values: [...values] });
    return rowCount ?? 0;
  };
}

/** Runs statements in a Prisma transaction. */
export function inPrisma(tx: PrismaTransaction): RunStatement {
  return async ({ text }, values) => (await tx.$queryRawUnsafe<unknown[]>(text, ...values)).length;
}
