// Goal: with an authority of its own, Postgres and Redis work over TLS, Redis in each form of
// REDIS_URL; without that authority the doctor names the fault. Method: a Postgres, a Redis, a
// Sentinel and a node of a Cluster, all real; the five processes on the first two, and the doctor
// on each.
import { execFile } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrateBoth, onDatabase, withDatabase } from '@quittance/databases';
import { Session } from '../tools/processes/session.js';
import { freePort } from '../tools/servers/ports.js';
import { own, postgresHome } from '../tools/servers/postgres-home.js';
import { clusterOf, startPostgres } from '../tools/servers/postgres.js';
import { entryOf, environmentOf, type StackSetup } from '../tools/stack/apps.js';
import { anyPorts } from '../tools/stack/ports.js';
import { seedMerchant } from '../tools/stack/seed.js';
import { Stack } from '../tools/stack/stack.js';
import { playAll } from './demo/play.js';
import { SCENARIOS } from './demo/scenarios.js';
import { TestAuthority } from './support/certificates.js';
import { Orders, PaymentsApi, Sandbox } from './support/clients.js';
import { fromRunner } from './support/environment.js';
import { eventually } from './support/eventually.js';
import { type PrivateRedis, startPrivateRedis } from './support/redis.js';
import { commandOn } from './support/redis-node.js';

const START_LIMIT_MS = 120_000;
const LIMIT_MS = 60_000;
const SLOTS = 16_384;
const PLAYED = ['3ds-approved', 'refunded', 'gateway-down'];

const FORMS = ['server', 'Sentinel', 'Cluster'] as const;
type Form = (typeof FORMS)[number];

const session = new Session();
const servers: PrivateRedis[] = [];
const redisUrls = new Map<Form, string>();
let databaseUrl: string;
let setup: StackSetup;
let stack: Stack;
let apiKey: string;

beforeAll(async () => {
  const folder = session.temporaryFolder('tls');
  const files = certify(folder);
  const settings = redisSettings(files);
  const server = await startOverTls(settings);
  const sentinel = await watch(server, settings);
  redisUrls.set('server', `rediss://127.0.0.1:${server}/0`);
  redisUrls.set('Sentinel', `rediss+sentinel://127.0.0.1:${sentinel}/quittance/0`);
  redisUrls.set('Cluster', `rediss+cluster://127.0.0.1:${await startCluster(settings)}`);
  databaseUrl = await startPostgresOverTls(files);
  const verified = (name: string) =>
    `${withDatabase(databaseUrl, name)}?sslmode=verify-full&sslrootcert=${files.authority}`;
  setup = {
    ports: await anyPorts(),
    databaseUrl: verified('payments'),
    ordersDatabaseUrl: verified('orders'),
    redisUrl: redisUrls.get('server') ?? '',
    keyFolder: join(folder, 'keys'),
    logFolder: folder,
    extra: { NODE_EXTRA_CA_CERTS: files.authority },
  };
  await migrateBoth(setup);
  stack = await new Stack(session, setup).start();
  ({ apiKey } = await seedMerchant(stack, join(folder, 'merchant.json')));
}, START_LIMIT_MS);
afterAll(async () => {
  await session.stop();
  await Promise.all(servers.map((server) => server.stop()));
}, START_LIMIT_MS);

interface Files {
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
}

/** Writes a certificate for this host, its key and that of the authority. */
function certify(folder: string): Files {
  const authority = new TestAuthority();
  const { cert, key } = authority.certify('127.0.0.1');
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  return {
    authority: write('authority.pem', authority.cert),
    cert: write('server.pem', cert),
    key: write('server.key', key),
  };
}

type Settings = Readonly<Record<string, string>>;

const redisSettings = ({ authority, cert, key }: Files): Settings => ({
  'tls-cert-file': cert,
  'tls-key-file': key,
  'tls-ca-cert-file': authority,
  'tls-auth-clients': 'no',
});

/** Starts a Postgres that offers TLS. Resolves with its URL without TLS. */
async function startPostgresOverTls({ cert, key }: Files): Promise<string> {
  const home = await postgresHome();
  const folder = session.temporaryFolder('tls-postgres');
  const options = { folder, isDurable: false, logName: 'tls-postgres' };
  const { url } = await startPostgres(session, options);
  // The names that Postgres expects in its folder.
  for (const [file, name] of [
    [cert, 'server.crt'],
    [key, 'server.key'],
  ] as const) {
    const copy = join(clusterOf(home.folderFor(folder)), name);
    copyFileSync(file, copy);
    own(copy, home.as);
  }
  await onDatabase(url, async (client) => {
    await client.query('ALTER SYSTEM SET ssl = on');
    await client.query('SELECT pg_reload_conf()');
  });
  return url;
}

/** Starts a server that also listens without TLS, for the test. Resolves with its port for TLS. */
async function startOverTls(settings: Settings): Promise<number> {
  const port = await freePort();
  const all = { ...settings, 'tls-port': String(port) };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  servers.push(await startPrivateRedis(args));
  return port;
}

/** Starts a Sentinel that speaks only TLS. Resolves once it knows the server. */
async function watch(server: number, settings: Settings): Promise<number> {
  const folder = session.temporaryFolder('sentinel');
  const port = await freePort();
  const all = {
    ...settings,
    bind: '127.0.0.1',
    port: '0',
    'tls-port': String(port),
    'tls-replication': 'yes',
    dir: folder,
    'sentinel monitor': `quittance 127.0.0.1 ${server} 1`,
  };
  const file = join(folder, 'sentinel.conf');
  writeFileSync(
    file,
    Object.entries(all)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
  );
  const logFile = join(folder, 'sentinel.log');
  session.spawn('sentinel', fromRunner('TEST_REDIS_PROGRAM'), [file, '--sentinel'], { logFile });
  return port;
}

/** Starts a Cluster of one node that has all slots. */
async function startCluster(settings: Settings): Promise<number> {
  const port = await startOverTls({
    ...settings,
    'cluster-enabled': 'yes',
    'cluster-port': String(await freePort()),
    'cluster-announce-ip': '127.0.0.1',
    // Otherwise it announces its port without TLS.
    'tls-cluster': 'yes',
  });
  const node = { port: servers.at(-1)!.port, password: '' };
  await commandOn(node, 'CLUSTER', 'ADDSLOTSRANGE', '0', String(SLOTS - 1));
  await eventually(async () =>
    expect(await commandOn(node, 'CLUSTER', 'INFO')).toContain('cluster_state:ok'),
  );
  return port;
}

interface Finding {
  readonly check: string;
  readonly grade: string;
  readonly finding: string;
}

/** Runs the doctor with these variables. */
async function examine(changed: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const env = { ...environmentOf('operator', setup), ...changed };
  const args = [entryOf('operator'), 'doctor', '--json'];
  const output = await new Promise<string>((resolve) => {
    // It exits with 1 for any fault of the installation.
    execFile(process.execPath, args, { env }, (_, stdout) => resolve(stdout));
  });
  const lines = output.split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Finding);
}

it(
  'carries payments, refunds and events, and no session of Postgres is without TLS',
  async () => {
    const { api, orders, sandbox } = stack.urls;
    const played = await playAll(
      SCENARIOS.filter(({ name }) => PLAYED.includes(name)),
      {
        run: 'tls',
        api: new PaymentsApi(api, apiKey),
        orders: new Orders(orders),
        sandbox: new Sandbox(sandbox),
      },
    );
    expect(played).toHaveLength(PLAYED.length);
    expect(played.flatMap(({ problems }) => problems)).toEqual([]);
    const sessions = `SELECT DISTINCT a.application_name AS name, s.ssl
      FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid)
      WHERE a.datname IN ('payments', 'orders')`;
    const { rows } = await onDatabase(databaseUrl, (client) =>
      client.query<{ name: string; ssl: boolean }>(sessions),
    );
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter(({ ssl }) => !ssl)).toEqual([]);
  },
  LIMIT_MS,
);

it.each(FORMS)(
  'lets the doctor examine a %s that it can verify',
  async (form) => {
    await eventually(async () => {
      const found = await examine({ REDIS_URL: redisUrls.get(form) });
      const eviction = found.find(({ check }) => check.startsWith('Redis eviction'));
      expect(eviction).toMatchObject({ grade: 'good', finding: 'noeviction' });
      const migrations = found.find(({ check }) => check === 'migrations');
      expect(migrations).toMatchObject({ grade: 'good' });
    });
  },
  LIMIT_MS,
);

it.each(FORMS)(
  'lets the doctor name the fault of Postgres and of a %s whose authority is unknown',
  async (form) => {
    const found = await examine({
      NODE_EXTRA_CA_CERTS: undefined,
      REDIS_URL: redisUrls.get(form),
      DATABASE_URL: setup.databaseUrl.replace(/&sslrootcert=.*/, ''),
    });
    for (const name of ['Redis', 'Postgres'])
      expect(found.find(({ check }) => check === name)).toMatchObject({
        grade: 'bad',
        finding: expect.stringMatching(/TLS fails \([A-Z_]+\)/),
      });
  },
  LIMIT_MS,
);

it(
  'lets the doctor name a Postgres without TLS',
  async () => {
    await onDatabase(databaseUrl, async (client) => {
      await client.query('ALTER SYSTEM RESET ssl');
      await client.query('SELECT pg_reload_conf()');
    });
    await eventually(async () => {
      const found = await examine({});
      expect(found.find(({ check }) => check === 'Postgres')).toMatchObject({
        grade: 'bad',
        finding: expect.stringContaining('does not speak TLS'),
      });
    });
  },
  LIMIT_MS,
);
