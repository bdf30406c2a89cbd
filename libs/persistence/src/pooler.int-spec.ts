// Goal: behind a pooler of transactions every statement works, a wrong set-up is refused with what
// to do, and no session that is wrong stays behind. Method: PgBouncer with one or two sessions in
// front of a real Postgres, and roles with and without their settings.
import { grantBoth } from '@quittance/databases';
import { createLogger } from '@quittance/platform';
import { openPool, PostgresClock, postgresCheck, requireSession } from '@quittance/postgres';
import { Client, type Pool } from 'pg';
import { eventually } from '../../../test/support/eventually.js';
import {
  type PgBouncer,
  type PgBouncerSettings,
  startPgBouncer,
} from '../../../test/support/pgbouncer.js';
import {
  createTestDatabase,
  PATIENT_DEADLINES,
  type TestDatabase,
} from '../../../test/support/postgres.js';
import { KeyNeeds } from './keys/key-needs.js';
import { whileKeysAreLocked } from './keys/key-change-lock.js';
import { createPool } from './pool.js';
import { Payments } from './payments.js';

const SESSIONS = 2;
const IGNORED = ['statement_timeout', 'idle_in_transaction_session_timeout', 'options'].join(',');

let database: TestDatabase;
let orders: TestDatabase;
let owner: Client;
const pools: Pool[] = [];
const poolers: PgBouncer[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  orders = await createTestDatabase('orders');
  owner = new Client({ connectionString: database.url });
  await owner.connect();
});
beforeEach(() => grantBoth({ databaseUrl: database.url, ordersDatabaseUrl: orders.url }, {}));
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
  await Promise.all(poolers.splice(0).map((pooler) => pooler.stop()));
});
afterAll(async () => {
  await owner.end();
  await Promise.all([database.drop(), orders.drop()]);
});

/** A pool of the api's role through a PgBouncer of its own. */
async function pooled(
  pooler: 'none' | 'transaction' = 'transaction',
  settings: PgBouncerSettings = {},
): Promise<Pool> {
  const own = await startPgBouncer(database.url, { default_pool_size: SESSIONS, ...settings });
  poolers.push(own);
  return opened(own.through(database.urlAs('api')), pooler);
}

function opened(databaseUrl: string, pooler: 'none' | 'transaction'): Pool {
  const pool = createPool({
    databaseUrl,
    connections: 8,
    pooler,
    applicationName: 'pooled',
    onError: () => undefined,
    deadlines: { ...PATIENT_DEADLINES, answerMs: 30_000 },
  });
  pools.push(pool);
  return pool;
}

const ofApi = `ALTER ROLE quittance_api IN DATABASE`;
/** For later sessions of the api's role. */
const alter = (change: string) => owner.query(`${ofApi} ${database.name} ${change}`);

describe('the roles', () => {
  it.each(['api', 'worker', 'webhook', 'operator'] as const)(
    'give the sessions of %s what it needs',
    async (process) => {
      await expect(
        requireSession(opened(database.urlAs(process), 'transaction')),
      ).resolves.toBeUndefined();
    },
  );

  it('give the sessions of the order domain what it needs', async () => {
    const pool = openPool({
      databaseUrl: orders.urlAs('orders'),
      connections: 1,
      pooler: 'transaction',
      applicationName: 'orders',
      onError: () => undefined,
    });
    pools.push(pool);
    await expect(requireSession(pool)).resolves.toBeUndefined();
  });
});

describe('a start', () => {
  it('accepts a pooler that is declared', async () => {
    await expect(requireSession(await pooled())).resolves.toBeUndefined();
  });

  it.each<[string, PgBouncerSettings]>([
    ['refuses start-up parameters', {}],
    ['loses them', { ignore_startup_parameters: IGNORED }],
    ['pools sessions and loses them', { ignore_startup_parameters: IGNORED, pool_mode: 'session' }],
  ])('refuses a pooler that is not declared and %s', async (_, settings) => {
    const refused = requireSession(await pooled('none', settings));
    await expect(refused).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('Set DATABASE_POOLER'),
    });
  });

  it.each([
    ['TimeZone', 'Asia/Kolkata', 'UTC'],
    ['statement_timeout', '0', '5000'],
    ['idle_in_transaction_session_timeout', '0', '6000'],
    ['enable_seqscan', 'on', 'off'],
  ])('refuses a role whose %s is %s', async (name, wrong, right) => {
    await alter(`SET ${name} = '${wrong}'`);
    const refused = requireSession(await pooled());
    await expect(refused).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining(`${name} ${wrong} instead of ${right}`),
    });
  });

  it('says which statements help, and they do, once the pooler has reconnected', async () => {
    await alter('RESET ALL');
    await owner.query(`ALTER DATABASE ${database.name} SET TimeZone = 'Asia/Kolkata'`);
    const pool = await pooled();
    const { message }: Error = await requireSession(pool).then(
      () => new Error('it was accepted'),
      (error: Error) => error,
    );
    // The Postgres of the tests has jit off.
    const statements = message.match(/ALTER ROLE [^;]*;/g) ?? [];
    expect(statements).toHaveLength(6);
    await owner.query(statements.join(' '));
    const [pooler] = poolers;
    await pooler?.kill();
    await pooler?.start();
    await eventually(() => requireSession(pool));
  });
});

describe('readiness', () => {
  it('notices a role that lost its settings, and that it has them again', async () => {
    const pool = await pooled();
    const check = postgresCheck(pool);
    await check();
    await alter('SET statement_timeout = 0');
    await endSessions();
    await expect(check()).rejects.toThrow('statement_timeout 0 instead of 5000');
    await alter('SET statement_timeout = 5000');
    await expect(check()).resolves.toBeUndefined();
  });

  it('leaves a standby, although the pooler would keep its sessions', async () => {
    await owner.query(`
      CREATE SCHEMA standby;
      CREATE FUNCTION standby.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true';
      GRANT USAGE ON SCHEMA standby TO quittance_api`);
    await alter('SET search_path = standby, pg_catalog, public');
    const pool = await pooled();
    await busy(pool);
    await alter('RESET search_path');
    const check = postgresCheck(pool);
    const clock = new PostgresClock({ pool, log: createLogger({ name: 'x', level: 'silent' }) });
    // Each of the two sessions is of the standby, and each look ends one.
    await expect(check()).rejects.toThrow('it only reads');
    await expect(clock.read()).rejects.toThrow('only reads');
    await expect(check()).resolves.toBeUndefined();
    await expect(clock.read()).resolves.toBeUndefined();
  });
});

describe('through the pooler', () => {
  it('runs named statements at once on all sessions', async () => {
    const payments = new Payments(await pooled());
    const loads = Array.from({ length: 200 }, (_, at) => payments.load(`pi_${at}`));
    expect(new Set(await Promise.all(loads))).toEqual(new Set([undefined]));
    const pool = pools[0] as Pool;
    const named = { name: 'one', text: 'SELECT $1::int AS given, pg_sleep(0.005)' };
    const asked = Array.from({ length: 100 }, async (_, at) => {
      const { rows } = await pool.query<{ given: number }>({ ...named, values: [at] });
      return rows[0]?.given === at;
    });
    expect(await Promise.all(asked)).not.toContain(false);
  });

  it('leaves no limit of a long count behind', async () => {
    const pool = await pooled('transaction', { default_pool_size: 1 });
    await new KeyNeeds(pool).payments('kid', 1);
    const { rows } = await pool.query('SHOW statement_timeout');
    expect(rows).toEqual([{ statement_timeout: '5s' }]);
  });

  it('locks the keys for one change at a time, also for longer than a transaction may be idle', async () => {
    await alter(`SET idle_in_transaction_session_timeout = '100ms'`);
    const pool = await pooled('transaction', { default_pool_size: 3 });
    const during: boolean[] = [];
    const isHeld = await whileKeysAreLocked(pool, async () => {
      await pool.query('SELECT pg_sleep(0.4)');
      during.push(await whileKeysAreLocked(pool, async () => undefined));
    });
    expect([isHeld, ...during]).toEqual([true, false]);
    expect(await whileKeysAreLocked(pool, async () => undefined)).toBe(true);
  });
});

/** Opens every session of the pooler. */
async function busy(pool: Pool): Promise<void> {
  const asked = Array.from({ length: SESSIONS }, () => pool.query('SELECT pg_sleep(0.2)'));
  await Promise.all(asked);
}

/** Ends the sessions of the api's role, so that the pooler opens others. */
async function endSessions(): Promise<void> {
  await owner.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = current_database() AND usename = 'quittance_api'`,
  );
}
