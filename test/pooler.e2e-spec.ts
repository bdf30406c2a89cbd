// Goal: behind a PgBouncer that pools transactions everything works, and its death, its return and
// a restart of Postgres behind it charge nothing twice and lose nothing. Method: the five processes
// with the role of each, four sessions for each role; the oracle judges by the gateway's ledger and
// the order domain.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { grantBoth, migrateBoth, onDatabase, PROCESSES } from '@quittance/databases';
import { Session } from '../tools/processes/session.js';
import { entryOf, environmentOf } from '../tools/stack/apps.js';
import { anyPorts } from '../tools/stack/ports.js';
import { seedMerchant } from '../tools/stack/seed.js';
import { Stack } from '../tools/stack/stack.js';
import { Load, settlesLater } from './chaos/load.js';
import { Oracle } from './chaos/oracle.js';
import { Caller } from './chaos/payments.js';
import { newSeed, Random } from './chaos/random.js';
import { ChaosStack, QUICK } from './chaos/stack/chaos-stack.js';
import { ChaosPostgres, ChaosRedis } from './chaos/stack/servers.js';
import { eventually } from './support/eventually.js';
import { type PgBouncer, startPgBouncer } from './support/pgbouncer.js';
import { asRole } from './support/postgres.js';
import type { AppName } from './support/processes.js';

const START_LIMIT_MS = 300_000;
const LIMIT_MS = 900_000;
const CONVERGES_WITHIN_MS = 150_000;
const SESSIONS = 4;
/** Payments between two faults: they prove that the last one is over. */
const BETWEEN = 10;
const APPS: readonly AppName[] = ['api', 'worker', 'webhook', 'orders'];
const ANSWERS = new Set(['accepted', '503', 'ECONNRESET', 'UND_ERR_SOCKET', 'TimeoutError']);

const session = new Session();
const seed = newSeed();
let postgres: ChaosPostgres;
let pooler: PgBouncer;
let stack: ChaosStack;

beforeAll(async () => {
  postgres = await ChaosPostgres.start(session, { isDurable: true, logName: 'pooler-postgres' });
  const redis = await ChaosRedis.start(session);
  const urls = {
    databaseUrl: postgres.databaseUrl('pooled'),
    ordersDatabaseUrl: postgres.databaseUrl('pooled_orders'),
  };
  await migrateBoth(urls);
  const { password } = new URL(urls.databaseUrl);
  await grantBoth(urls, Object.fromEntries(PROCESSES.map((name) => [name, password])));
  pooler = await startPgBouncer(urls.databaseUrl, { default_pool_size: SESSIONS });
  const through = (url: string, name: string) => pooler.through(asRole(url, name));
  const folder = session.temporaryFolder('pooler');
  const setup = {
    ports: await anyPorts(),
    databaseUrl: through(urls.databaseUrl, 'operator'),
    ordersDatabaseUrl: through(urls.ordersDatabaseUrl, 'orders'),
    redisUrl: redis.url,
    keyFolder: join(folder, 'keys'),
    logFolder: folder,
    ledgerFile: join(folder, 'sandbox.ndjson'),
    extra: { ...QUICK, DATABASE_POOLER: 'transaction', ORDERS_DATABASE_POOLER: 'transaction' },
    programOf: (name: AppName) => ({
      env: ['api', 'worker', 'webhook'].includes(name)
        ? { DATABASE_URL: through(urls.databaseUrl, name) }
        : {},
    }),
  };
  const started = await new Stack(session, setup).start();
  const merchant = await seedMerchant(started, join(folder, 'merchant.json'), {
    inquiry: 'reference',
  });
  const servers = { postgres, redis };
  stack = new ChaosStack(session, { name: 'pooler', stack: started, servers, merchant });
}, START_LIMIT_MS);
afterAll(async () => {
  await session.stop();
  await pooler?.stop();
});

const logs = () => APPS.map((name) => readFileSync(stack.stack.logFile(name), 'utf8')).join('');
const getJson = async <T>(path: string): Promise<T> => {
  const headers = { authorization: `Bearer ${stack.apiKey}` };
  const response = await fetch(stack.urls.api + path, { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
};

it(
  'carries payments, callbacks, inquiries, refunds, batches, lists and events',
  async () => {
    const caller = Caller.of(stack);
    const oracle = new Oracle(stack.urls);
    const settle = settlesLater(stack, { random: new Random(seed), withinMs: 500 });
    const names = Array.from({ length: 20 }, (_, at) => `quiet-${at}`);
    const accepted = await Promise.all(
      names.map(async (name) => {
        await settle(name);
        return (await caller.accept(name)).payment;
      }),
    );
    const { settled } = await caller.acceptInBatch('quiet-batch');
    expect(settled).toBe(3);
    for (const name of [...names, 'quiet-batch'])
      await oracle.reaches(name, 'succeeded', CONVERGES_WITHIN_MS);
    const [first] = accepted;
    await caller.refund(first!);
    await oracle.reaches('quiet-0', 'refund_pending', CONVERGES_WITHIN_MS);
    const list = await getJson<{ data: unknown[] }>('/v1/payment-intents?limit=100');
    expect(list.data).toHaveLength(names.length + 1);
    const events = await getJson<{ data: unknown[] }>('/v1/events?limit=100');
    expect(events.data.length).toBeGreaterThan(names.length);
    const listed = await stack.operate(['payments', 'list', '--limit', '100', '--json']);
    expect(listed.output.trim().split('\n')).toHaveLength(names.length + 1);
    const retention = await stack.operate(['retention', '--json']);
    expect(retention).toMatchObject({ code: 0 });
    // A statement that a session lacks, or that another program prepared there.
    expect(logs().match(/prepared statement.*|startup parameter.*|"(26000|42P05)"/g)).toBeNull();
  },
  LIMIT_MS,
);

it('has no more sessions than the pooler may open, and the doctor approves of it', async () => {
  const { output } = await stack.operate(['doctor', '--json']);
  const findings = output.split('\n').filter((line) => line.startsWith('{'));
  const found = findings.map((line) => JSON.parse(line) as { check: string; finding: string });
  expect(found).toContainEqual({
    check: 'pooler',
    grade: 'good',
    finding: 'declared, and its sessions have the settings needed',
    advice: null,
  });
  const { rows } = await onDatabase(postgres.databaseUrl('pooled'), (client) =>
    client.query<{ usename: string; count: number }>(
      `SELECT usename, count(*)::int FROM pg_stat_activity WHERE usename LIKE 'quittance\\_%' GROUP BY usename`,
    ),
  );
  expect(rows.length).toBeGreaterThanOrEqual(4);
  expect(rows.filter(({ count }) => count > SESSIONS)).toEqual([]);
});

it('ends the start of a process whose pooler is not declared', async () => {
  const env = { ...environmentOf('webhook', stack.setup), DATABASE_POOLER: 'none' };
  const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [entryOf('webhook')], { env }, (error, _, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });
  expect(ended).toEqual({ code: 78, stderr: expect.stringContaining('Set DATABASE_POOLER') });
});

it(
  'charges each payment once while the pooler dies and Postgres restarts behind it',
  async () => {
    const before = settlesLater(stack, { random: new Random(seed), withinMs: 4_000 });
    const load = new Load(stack, { prefix: 'pooled', callers: 6, before }).start();
    const more = () => {
      const than = load.references.length + BETWEEN;
      return eventually(() => expect(load.references.length).toBeGreaterThan(than), {
        limitMs: CONVERGES_WITHIN_MS,
      });
    };
    await more();
    for (let death = 0; death < 2; death += 1) {
      await pooler.kill();
      await eventually(() => expect(logs()).toContain('ECONNREFUSED'));
      await pooler.start();
      await more();
    }
    await postgres.stop();
    await postgres.startAgain();
    await more();
    await postgres.crash();
    await postgres.startAgain();
    await more();
    await load.stop();
    const { verdicts, problems } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
    expect({ seed, problems }).toEqual({ seed, problems: [] });
    expect(verdicts.length).toBeGreaterThan(4 * BETWEEN);
    expect(load.unexpectedAnswers(ANSWERS)).toEqual([]);
    for (const name of APPS)
      await eventually(async () => {
        const answer = await fetch(`${stack.urls[name]}/readyz`);
        expect(await answer.json()).toMatchObject({ status: 'ready' });
      });
  },
  LIMIT_MS,
);
