// Goal: a transaction that may still write an event holds the list back, however it writes, as long
// as it runs and no longer. Method: transactions held open in the list's database.
import { EventList, Reads } from '@quittance/persistence';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { fromRunner } from '../../../../test/support/environment.js';
import { acceptPayment, addFirstPayment, ListReader, storedEvents } from '../../test/event-list.js';
import { MerchantEvents } from './merchant-events.js';

let database: TestDatabase;
let pool: pg.Pool;
let reader: ListReader;
let sessions: pg.Client[];

beforeEach(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  await addFirstPayment(pool);
  reader = new ListReader(new MerchantEvents(new EventList(new Reads(pool))));
  sessions = [];
});
afterEach(async () => {
  for (const session of sessions) await session.end();
  await pool.end();
  await database.drop();
});

/** Returns a session in a transaction that has an id and then idles. */
async function idleWriter(): Promise<pg.Client> {
  const session = new pg.Client({ connectionString: database.url });
  await session.connect();
  sessions.push(session);
  await session.query('BEGIN');
  await session.query('SELECT pg_current_xact_id()');
  return session;
}

async function readAll(): Promise<string[]> {
  await reader.toEnd(100);
  expect(reader.ids).toEqual(await storedEvents(pool));
  return reader.ids;
}

it.each(['COMMIT', 'ROLLBACK'])('waits for a transaction until its %s', async (end) => {
  const slow = await idleWriter();
  await acceptPayment(slow, 'SLOW');
  await acceptPayment(pool, 'NEWER');
  await reader.toEnd(100);
  expect(reader.ids).toHaveLength(1);
  await slow.query(end);
  expect(await readAll()).toHaveLength(end === 'COMMIT' ? 3 : 2);
});

it('waits for one that has not written an event yet', async () => {
  const slow = await idleWriter();
  await acceptPayment(pool, 'NEWER');
  await reader.toEnd(100);
  expect(reader.ids).toHaveLength(1);
  await acceptPayment(slow, 'SLOW');
  await slow.query('COMMIT');
  expect(await readAll()).toHaveLength(3);
});

it('waits for one whose work is done in subtransactions', async () => {
  const slow = await idleWriter();
  await slow.query('SAVEPOINT one');
  await acceptPayment(slow, 'SLOW');
  await slow.query('RELEASE one; SAVEPOINT two');
  await acceptPayment(pool, 'NEWER');
  await acceptPayment(slow, 'SLOWER');
  await reader.toEnd(100);
  expect(reader.ids).toHaveLength(1);
  await slow.query('COMMIT');
  expect(await readAll()).toHaveLength(4);
});

it('is held back by an idle session for a minute at most', async () => {
  const { rows } = await pool.query<{ setting: string }>(
    `SELECT unnest(s.setconfig) AS setting FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
     WHERE d.datname = $1 AND s.setrole = 0`,
    [fromRunner('TEST_TEMPLATE_PAYMENTS')],
  );
  expect(rows).toEqual([{ setting: 'idle_in_transaction_session_timeout=60s' }]);
});
