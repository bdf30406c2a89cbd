// One move of one payment as part of a larger transaction, where something else must commit with
// it.
import { type Change, changeRow } from './change.js';
import { inPrisma } from './run-statement.js';
import type { PrismaTransaction } from './prisma.service.js';
import { RECORD } from './statements.js';

/**
 * Writes the change in the transaction; false when the payment has moved, and then nothing must be
 * committed.
 */
export async function writePaymentChange(tx: PrismaTransaction, change: Change): Promise<boolean> {
  return (await inPrisma(tx)(RECORD, [JSON.stringify([changeRow(change)])])) === 1;
}
