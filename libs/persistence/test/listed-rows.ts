// Very many payments and refunds, written as rows without their events, for tests of lists. They
// are wide, because Postgres plans by the size of a table. The oldest few differ from all others in
// every column that lists filter by.
import { newId } from '@quittance/platform';
import { inTransaction } from '@quittance/postgres';
import type { Pool } from 'pg';

/** The time of the oldest row; three rows share each millisecond. */
export const OLDEST_AT = Date.parse('2026-11-21T10:00:00.000Z');

/** So few that a busy machine writes them within the limit of a statement. */
const AT_ONCE = 1_000;

/** A row, as a list is filtered by it. */
export interface PlantedRow {
  readonly id: string;
  readonly merchant: string;
  readonly reference: string;
  /** The order of a payment, the payment of a refund. */
  readonly group: string;
  readonly status: string;
  /** The name of a payment's terminal. */
  readonly terminal: string;
  readonly at: Date;
}

/** Returns `count` rows, oldest first, from the place `from` on, for {@link plant}. */
export function rowsToPlant(
  table: 'payment_intents' | 'refunds',
  { merchant, count, from = 0 }: { merchant: string; count: number; from?: number },
): PlantedRow[] {
  const isPayment = table === 'payment_intents';
  return Array.from({ length: count }, (_, index): PlantedRow => {
    const place = from + index;
    const at = new Date(OLDEST_AT + Math.floor(place / 3));
    const isOld = place < 5;
    return {
      id: newId(isPayment ? 'pi' : 're', at),
      merchant,
      reference: `R-${place}`,
      group: isOld ? `OLD-${place % 2}-${merchant}` : `SAME-${merchant}`,
      status:
        place === 2
          ? 'in_doubt'
          : isOld && isPayment
            ? 'cancelled'
            : isPayment
              ? 'succeeded'
              : 'failed',
      terminal: isOld ? 'old' : 'main',
      at,
    };
  });
}

/** Writes the rows. Triggers and foreign keys are off meanwhile. */
export async function plant(
  pool: Pool,
  table: 'payment_intents' | 'refunds',
  rows: readonly PlantedRow[],
): Promise<void> {
  const own =
    table === 'payment_intents'
      ? {
          columns: `order_id, terminal_id, mode, lane, refunded_minor, method, product_name, return_url, customer,
            metadata, flags`,
          values: `r."group", 'ter_' || r.terminal || '_' || r.merchant, 'test', 'default', 0, 'CC', repeat('x', 600),
            'https://shop.example', '{}', '{}', '{}'`,
        }
      : {
          columns: 'payment_id, reason, failure_code',
          values: `r."group", repeat('x', 600), CASE r.status WHEN 'failed' THEN 'x' END`,
        };
  const text = `
    INSERT INTO ${table} (id, merchant_id, reference, status, doubt_reason, amount_minor, currency, version, epoch, inquiries,
      submit_before, created_at, updated_at, ${own.columns})
    SELECT r.id, r.merchant, r.reference, r.status::${table === 'refunds' ? 'refund_status' : 'payment_status'},
      CASE r.status WHEN 'in_doubt' THEN 'no_reply' END, 100, 'EUR', 2, 1, 0, r.at, r.at, r.at, ${own.values}
    FROM json_to_recordset($1) AS r(id text, merchant text, reference text, "group" text, status text, terminal text, at timestamptz)`;
  await inTransaction(pool, async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    for (let start = 0; start < rows.length; start += AT_ONCE)
      await client.query(text, [JSON.stringify(rows.slice(start, start + AT_ONCE))]);
  });
}
