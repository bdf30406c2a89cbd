import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { LIST_EVENTS } from './event-list.js';
import { createPool } from './pool.js';
import type { Pool } from 'pg';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({
    databaseUrl: database.urlAs('api'),
    connections: 1,
    applicationName: 'event-list',
    onError: () => undefined,
  });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

it('scans and merges both indexes, and sorts nothing but the page', async () => {
  const values = ["'mer'", "'9'", "'0'", "''", '0', '10', 'NULL', 'NULL', '0'];
  const text = values.reduce(
    (sql, value, at) => sql.replaceAll(`$${at + 1}`, value),
    LIST_EVENTS.text,
  );
  const { rows } = await pool.query<Record<string, string>>(`EXPLAIN ${text}`);
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('Index Scan using payment_events_in_commit_order');
  expect(plan).toContain('Index Scan using refund_events_in_commit_order');
  expect(plan).toContain('Merge Append');
  expect(plan).toContain('Index Scan using ended_events_pkey');
  const [, belowLimit = ''] = plan.split('->  Limit');
  expect(belowLimit).toContain('Merge Append');
  expect(plan.slice(plan.indexOf('->  Limit'))).not.toMatch(/\bSort {2}\(/);
});
