// Goal: every wait for Postgres ends, and a connection that fell silent costs one deadline, not one
// per connection. Method: real connections over a wire that stays open and carries no data.
import { createLogger } from '@quittance/platform';
import type { Pool, PoolClient } from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { linkTo, type SeverableLink } from '../../../test/support/severable-link.js';
import { isDatabaseUnavailable } from './errors.js';
import { inTransaction } from './transaction.js';
import { openPool } from './pool.js';
import { postgresCheck } from './postgres-check.js';
import { PostgresClock } from './postgres-clock.js';

/** Short, and yet long enough for a new connection on a machine that has stalled. */
const DEADLINES = {
  connectMs: 4_000,
  statementMs: 1_500,
  answerMs: 3_500,
  idleInTransactionMs: 1_500,
};
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

/** Opens all connections of the pool and leaves them idle. */
async function fillPool(): Promise<void> {
  const clients: PoolClient[] = [];
  for (let at = 0; at < CONNECTIONS; at += 1) clients.push(await pool.connect());
  for (const client of clients) client.release();
}

async function failureOf(query: Promise<unknown>): Promise<Error> {
  return query.then(
    () => Promise.reject(new Error('the query was answered')),
    (error: unknown) => error as Error,
  );
}

it('fails a statement without an answer and runs the next on a new connection', async () => {
  await fillPool();
  link.silence();
  const error = await failureOf(pool.query('SELECT 1'));
  expect(error.message).toBe('Query read timeout');
  expect(isDatabaseUnavailable(error)).toBe(true);
  const startedAt = performance.now();
  expect((await pool.query('SELECT 2 AS answer')).rows).toEqual([{ answer: 2 }]);
  // Not one deadline more: the idle connections over the same dead path were closed too.
  expect(performance.now() - startedAt).toBeLessThan(DEADLINES.connectMs);
  await eventually(() => expect(broken).toHaveLength(CONNECTIONS - 1));
  expect(pool.totalCount).toBe(1);
});

it('frees the slots of all connections when all are lost at once', async () => {
  await fillPool();
  link.silence();
  const failures = Array.from({ length: CONNECTIONS }, () => failureOf(pool.query('SELECT 1')));
  for (const error of await Promise.all(failures)) expect(isDatabaseUnavailable(error)).toBe(true);
  const again = Array.from({ length: CONNECTIONS }, () => pool.query('SELECT 1'));
  expect((await Promise.all(again)).map(({ rowCount }) => rowCount)).toEqual([1, 1, 1, 1]);
});

it('fails a transaction midway and does not reuse its connection', async () => {
  let held: PoolClient | undefined;
  const work = inTransaction(pool, async (client) => {
    held = client;
    link.silence();
    await client.query('SELECT 1');
  });
  expect(isDatabaseUnavailable(await failureOf(work))).toBe(true);
  expect((await pool.query('SELECT 3 AS answer')).rows).toEqual([{ answer: 3 }]);
  await expect(held?.query('SELECT 1')).rejects.toThrow();
});

it('does not reuse a connection whose holder ignores the error', async () => {
  const client = await pool.connect();
  link.silence();
  await failureOf(client.query('SELECT 1'));
  const behind = await failureOf(client.query('ROLLBACK'));
  expect(isDatabaseUnavailable(behind)).toBe(true);
  client.release();
  expect((await pool.query('SELECT 4 AS answer')).rows).toEqual([{ answer: 4 }]);
});

it('rejects when a connection is not opened in time or no slot becomes free', async () => {
  link.silence({ new: 'silent' });
  const failures = Array.from({ length: CONNECTIONS + 1 }, () => failureOf(pool.query('SELECT 1')));
  for (const error of await Promise.all(failures)) expect(isDatabaseUnavailable(error)).toBe(true);
  link.speak();
  expect((await pool.query('SELECT 1')).rowCount).toBe(1);
});

it('ends although the server does not answer the termination message', async () => {
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

it('closes all idle connections when one turns read-only after a failover', async () => {
  await fillPool();
  const client = await pool.connect();
  await client.query('SET default_transaction_read_only = on');
  client.release();
  await failureOf(pool.query('CREATE TABLE t (id integer)'));
  await eventually(() => expect(broken).toHaveLength(CONNECTIONS - 1));
});

describe('after a failover, in a process that only reads', () => {
  beforeEach(async () => {
    await pool.query(`
      CREATE SCHEMA IF NOT EXISTS standby;
      CREATE OR REPLACE FUNCTION standby.pg_is_in_recovery() RETURNS boolean
        LANGUAGE sql AS 'SELECT true'`);
  });

  /** Leaves all connections idle, with the answer of a standby on each. */
  async function fillWithStandby(): Promise<void> {
    const clients: PoolClient[] = [];
    for (let at = 0; at < CONNECTIONS; at += 1) clients.push(await pool.connect());
    for (const client of clients) {
      await client.query('SET search_path = standby, pg_catalog');
      client.release();
    }
  }

  it('is ready again once the name leads to the new primary', async () => {
    await fillWithStandby();
    const check = postgresCheck(pool);
    await expect(check()).rejects.toThrow('it only reads: it is a replica, or recovering');
    await expect(check()).resolves.toBeUndefined();
    await eventually(() => expect(broken).toHaveLength(CONNECTIONS - 1));
  });

  it('reads the time of the new primary, not of the standby', async () => {
    await fillWithStandby();
    const log = createLogger({ name: 'test', level: 'silent' });
    const clock = new PostgresClock({ pool, log });
    await expect(clock.read()).rejects.toThrow('only reads');
    await expect(clock.read()).resolves.toBeUndefined();
    await eventually(() => expect(broken).toHaveLength(CONNECTIONS - 1));
  });
});

it('keeps its connections when Postgres refuses a statement', async () => {
  await fillPool();
  await failureOf(pool.query('SELECT 1 / 0'));
  await failureOf(pool.query('SELECT pg_sleep(3)'));
  expect(broken).toEqual([]);
  // pg-pool closes a connection whose query failed, whatever the error.
  expect(pool.totalCount).toBe(CONNECTIONS - 2);
});

it('lets Postgres cancel a long statement before the connection is abandoned', async () => {
  await expect(pool.query('SELECT pg_sleep(30)')).rejects.toMatchObject({ code: '57014' });
});

it('releases row locks when Postgres ends an idle transaction', async () => {
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
