// One transition of one payment within a larger transaction, whose other changes must commit with
// it.
import { type Change, changeRow } from './change.js';
import { inPrisma } from './run-statement.js';
import type { PrismaTransaction } from './prisma.service.js';
import { RECORD } from './statements.js';

/**
 * Writes the change in the transaction. Returns false if the payment has changed since it was
 * loaded: then do not commit.
 */
export async function writePaymentChange(tx: PrismaTransaction, change: Change): Promise<boolean> {
  return (await inPrisma(tx)(RECORD, [JSON.stringify([changeRow(change)])])) === 1;
}
