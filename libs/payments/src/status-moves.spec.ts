// Compares the transitions that the database guards, read from its migrations, with the table, so
// that neither drifts.
import { readFileSync, readdirSync } from 'node:fs';
import { PAYMENT_STATUSES, paymentStatuses, statusToWire } from './status.js';

const migrations = new URL('../../../prisma/migrations/', import.meta.url);
const sql = readdirSync(migrations, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted()
  .map((name) => readFileSync(new URL(`${name}/migration.sql`, migrations), 'utf8'))
  .join('\n');

const INSERTS = /INSERT INTO payment_status_moves \(from_status, to_status\) VALUES([^;]*);/g;
const ROW = /\('([a-z_]+)',\s*'([a-z_]+)'\)/g;

/** Returns every `from → to` that the migrations insert. */
function movesOfDatabase(): readonly string[] {
  const values = [...sql.matchAll(INSERTS)].map(([, rows = '']) => rows).join();
  return [...values.matchAll(ROW)].map(([, from = '', to = '']) => `${from} → ${to}`);
}

describe('the database', () => {
  it('allows exactly the transitions of the table', () => {
    const expected = paymentStatuses.flatMap((from) =>
      PAYMENT_STATUSES[from].next.map((to) => `${statusToWire(from)} → ${statusToWire(to)}`),
    );
    expect(movesOfDatabase().toSorted()).toEqual(expected.toSorted());
  });

  it('removes transitions by no statement that this comparison would miss', () => {
    expect(sql).not.toMatch(/(DELETE FROM|UPDATE|TRUNCATE) (TABLE )?payment_status_moves/i);
  });

  it('has exactly the statuses of the table, under their wire names', () => {
    const [, list = ''] = /CREATE TYPE payment_status AS ENUM \(([^)]*)\)/.exec(sql) ?? [];
    const names = [...list.matchAll(/'([a-z_]+)'/g)].map(([, name]) => name);
    expect(names).toEqual(paymentStatuses.map(statusToWire));
  });
});
