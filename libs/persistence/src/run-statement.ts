// Where a statement can be run that more than one kind of transaction needs: on a connection of pg,
// or in a transaction of Prisma's.
import type { PoolClient } from 'pg';
import type { PrismaTransaction } from './prisma.service.js';

/** SQL with the name that pg prepares it under. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs a statement that returns a row for each row it wrote, and resolves with their number. */
export type RunStatement = (statement: Statement, values: readonly string[]) => Promise<number>;

/** On a connection of pg. */
export function onConnection(client: PoolClient): RunStatement {
  return async (statement, values) => {
    const { rowCount } = await client.query({ ...statement, values: [...values] });
    return rowCount ?? 0;
  };
}

/** In a transaction of Prisma's. */
export function inPrisma(tx: PrismaTransaction): RunStatement {
  return async ({ text }, values) => (await tx.$queryRawUnsafe<unknown[]>(text, ...values)).length;
}
