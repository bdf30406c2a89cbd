// A refill of very many payments takes longer than any other statement may: with the usual limit it
// would be cut off and restarted for ever.
import type { Pool } from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { createPool } from './pool.js';
import { ALL_QUEUES, QueueWatch } from './queue-watch.js';

const LIMIT_MS = 100;
const WAITED = `
SELECT count(*)::int AS count FROM pg_stat_activity
WHERE application_name = 'refill' AND wait_event_type = 'Lock' AND now() - query_start > interval '${3 * LIMIT_MS} ms'`;

let database: TestDatabase;
let refilling: Pool;
let other: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  const options = { databaseUrl: database.url, connections: 2, onError: () => undefined };
  other = createPool({ ...options, applicationName: 'other' });
  refilling = createPool({ ...options, applicationName: 'refill' });
  refilling.on('connect', (client) => {
    void client.query(`SET statement_timeout = ${LIMIT_MS}`);
  });
});
afterAll(async () => {
  await Promise.all([refilling.end(), other.end()]);
  await database.drop();
});

it('refills the queues however long that takes', async () => {
  const watch = new QueueWatch(refilling);
  await watch.refill('first', new Date());
  const holder = await other.connect();
  await holder.query('BEGIN; SELECT * FROM queue_watch FOR UPDATE');
  const refilled = watch.refill('second', new Date());
  await eventually(async () => {
    const { rows } = await other.query<{ count: number }>(WAITED);
    expect(rows).toEqual([{ count: 1 }]);
  });
  await holder.query('COMMIT');
  holder.release();
  expect(await refilled).toEqual({ events: 0, refunds: 0, submissions: 0 });
  expect(await watch.recall()).toMatchObject({ runs: new Map([[ALL_QUEUES, 'second']]) });
});
