// Goal: no wait for Postgres is without an end, and a connection that fell silent costs one
// deadline, not one per connection. Method: real connections over a wire that stays open and
// carries nothing any more.
import type { Pool, PoolClient } from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { linkTo, type SeverableLink } from '../../../test/support/severable-link.js';
import { isDatabaseAway } from './errors.js';
import { inTransaction } from './transaction.js';
import { openPool } from './pool.js';

const DEADLINES = { connectMs: 400, statementMs: 600, answerMs: 800, idleInTransactionMs: 600 };
const CONNECTIONS = 4;

let database: TestDatabase;
let link: SeverableLink;
let pool: Pool;
let broken: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase('nothing');
});
afterAll(() => database.drop());

beforeEach(async () => {
  link = await linkTo(database.url);
  broken = [];
  pool = openPool({
    databaseUrl: link.url,
    connections: CONNECTIONS,
    applicationName: 'pool-test',
    onError: ({ message }) => broken.push(message),
    deadlines: DEADLINES,
  });
});
afterEach(async () => {
  await pool.end();
  await link.cut();
});

/** All connections of the pool, idle. */
async function fillPool(): Promise<void> {
  const clients: PoolClient[] = [];
  for (let at = 0; at < CONNECTIONS; at += 1) clients.push(await pool.connect());
  for (const client of clients) client.release();
}

async function failureOf(asked: Promise<unknown>): Promise<Error> {
  return asked.then(
    () => Promise.reject(new Error('it was answered')),
    (error: unknown) => error as Error,
  );
}

it('fails a statement without an answer, and the next one is answered on a new connection', async () => {
  await fillPool();
  link.silence();
  const error = await failureOf(pool.query('SELECT 1'));
  expect(error.message).toBe('Query read timeout');
  expect(isDatabaseAway(error)).toBe(true);
  const asked = performance.now();
  expect((await pool.query('SELECT 2 AS answer')).rows).toEqual([{ answer: 2 }]);
  // Not one deadline more: the idle connections over the same dead path are gone too.
  expect(performance.now() - asked).toBeLessThan(DEADLINES.connectMs);
  await eventually(() => expect(broken).toHaveLength(CONNECTIONS - 1));
  expect(pool.totalCount).toBe(1);
});

it('frees the place of every connection at once: all may be lost in one moment', async () => {
  await fillPool();
  link.silence();
  const asked = Array.from({ length: CONNECTIONS }, () => failureOf(pool.query('SELECT 1')));
  for (const error of await Promise.all(asked)) expect(isDatabaseAway(error)).toBe(true);
  const again = Array.from({ length: CONNECTIONS }, () => pool.query('SELECT 1'));
  expect((await Promise.all(again)).map(({ rowCount }) => rowCount)).toEqual([1, 1, 1, 1]);
});

it('fails a transaction in the middle, and gives its connection to nobody else', async () => {
  let held: PoolClient | undefined;
  const work = inTransaction(pool, async (client) => {
    held = client;
    link.silence();
    await client.query('SELECT 1');
  });
  expect(isDatabaseAway(await failureOf(work))).toBe(true);
  expect((await pool.query('SELECT 3 AS answer')).rows).toEqual([{ answer: 3 }]);
  await expect(held?.query('SELECT 1')).rejects.toThrow();
});

it('is not given back by a holder who takes no notice', async () => {
  const client = await pool.connect();
  link.silence();
  await failureOf(client.query('SELECT 1'));
  const behind = await failureOf(client.query('ROLLBACK'));
  expect(isDatabaseAway(behind)).toBe(true);
  client.release();
  expect((await pool.query('SELECT 4 AS answer')).rows).toEqual([{ answer: 4 }]);
});

it('gives up a connection that is not made in time, and a place that does not become free', async () => {
  link.silence({ new: 'silent' });
  const asked = Array.from({ length: CONNECTIONS + 1 }, () => failureOf(pool.query('SELECT 1')));
  for (const error of await Promise.all(asked)) expect(isDatabaseAway(error)).toBe(true);
  link.speak();
  expect((await pool.query('SELECT 1')).rowCount).toBe(1);
});

it('ends, though nobody answers the goodbye', async () => {
  const own = openPool({
    databaseUrl: link.url,
    connections: 1,
    applicationName: 'goodbye-test',
    onError: () => undefined,
    deadlines: DEADLINES,
  });
  const client = await own.connect();
  const closed = new Promise<void>((resolve) => client.once('end', () => resolve()));
  client.release();
  link.silence();
  await own.end();
  await closed;
  expect(own.totalCount).toBe(0);
});

it('closes the idle connections with the first that only reads: a failover leaves them all behind', async () => {
  await fillPool();
  const client = await pool.connect();
  await client.query('SET default_transaction_read_only = on');
  client.release();
  await failureOf(pool.query('CREATE TABLE t (id integer)'));
  await eventually(() => expect(broken).toHaveLength(CONNECTIONS - 1));
});

it('keeps its connections when Postgres merely refuses a statement', async () => {
  await fillPool();
  await failureOf(pool.query('SELECT 1 / 0'));
  await failureOf(pool.query('SELECT pg_sleep(1)'));
  expect(broken).toEqual([]);
  // pg-pool closes the one that failed, whatever it failed of.
  expect(pool.totalCount).toBe(CONNECTIONS - 2);
});

it('lets Postgres end a statement that takes too long before it gives up the connection', async () => {
  await expect(pool.query('SELECT pg_sleep(30)')).rejects.toMatchObject({ code: '57014' });
});

it('holds no row for longer than Postgres allows a transaction that says nothing', async () => {
  await pool.query('CREATE TABLE held (id integer)');
  await pool.query('INSERT INTO held VALUES (1)');
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('SELECT * FROM held FOR UPDATE');
  link.silence();
  await eventually(async () => {
    const { rowCount } = await pool.query('SELECT * FROM held FOR UPDATE NOWAIT');
    expect(rowCount).toBe(1);
  });
  client.release(true);
});
