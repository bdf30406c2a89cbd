// One move of one payment as part of a larger transaction, where something else must commit with it.
import type { PoolClient } from 'pg';
import { type Change, changeRow } from './change.js';
import { RECORD } from './statements.js';

/** Writes the change in the client's transaction; false when the payment has moved, and then nothing must be committed. */
export async function writePaymentChange(client: PoolClient, change: Change): Promise<boolean> {
  const values = [JSON.stringify([changeRow(change)])];
  const { rowCount } = await client.query({ ...RECORD, values });
  return rowCount === 1;
}
