// The ways in which Postgres and Redis can be up without doing their work, and the end of each.
import { onDatabase } from '@quittance/databases';
import type { SeverableLink } from '../../support/severable-link.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import type { ChaosPostgres, ChaosRedis } from '../stack/servers.js';

const FROZEN_FOR_MS = 10_000;
const REFUSING_FOR_MS = 5_000;

/** The apps that use Postgres and Redis. */
export const APPS = ['api', 'worker', 'webhook', 'orders'] as const;
export type App = (typeof APPS)[number];

/** The server that is silenced, and the link over which each app reaches it. */
export interface Silenced<Server> {
  readonly links: Readonly<Record<App, SeverableLink>>;
  server: Server;
}

/** One way to be silent. */
export interface Silence<Server> {
  /** Completes "Postgres is ...". */
  readonly name: string;
  /** Belongs to the short run too. */
  readonly isShort?: boolean;
  /** Until its end; with 0 it may be over before an app notices. */
  readonly lastsMs: number;
  readonly begin: (silenced: Silenced<Server>) => unknown;
  readonly end?: (silenced: Silenced<Server>) => unknown;
}

/** A server that the apps depend on. */
export interface Dependency<Server> {
  /** As in `/readyz`. */
  readonly name: 'postgres' | 'redis';
  readonly title: string;
  /** The setting of an app that holds the server's URL, and that URL. */
  readonly settingOf: (app: App, stack: ChaosStack) => { variable: string; url: string };
  readonly serverOf: (stack: ChaosStack) => Server;
  readonly urlOf: (server: Server) => string;
  readonly silences: readonly Silence<Server>[];
  /** First answers that callers may get meanwhile. */
  readonly answers: ReadonlySet<string>;
}

const halfOpen = (name: string, apps: readonly App[], isShort: boolean): Silence<unknown> => ({
  name,
  isShort,
  lastsMs: 0,
  begin: ({ links }) => {
    for (const app of apps) links[app].silence();
  },
});

const HALF_OPEN: readonly Silence<unknown>[] = [
  halfOpen('half-open to all apps', APPS, true),
  ...APPS.map((app) => halfOpen(`half-open to ${app}`, [app], false)),
];

/**
 * The old primary follows a new one and responds as before, but takes no writes. Its host name
 * leads to it for a while, then to the new primary, and no connection is cut by that.
 */
const failedOver = <Server extends { failOver(): Promise<Server> }>(
  urlOf: (server: Server) => string,
): Silence<Server> => ({
  name: 'failed over; the name moves after 5 s',
  isShort: true,
  lastsMs: REFUSING_FOR_MS,
  begin: async (silenced) => {
    silenced.server = await silenced.server.failOver();
  },
  end: ({ links, server }) => {
    for (const link of Object.values(links)) link.leadTo(urlOf(server));
  },
});

async function setReadOnly(postgres: ChaosPostgres, value: 'on' | 'off'): Promise<void> {
  await onDatabase(postgres.databaseUrl('postgres'), async (client) => {
    await client.query('SET default_transaction_read_only = off');
    await client.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await client.query('SELECT pg_reload_conf()');
  });
}

const postgresUrl = (postgres: ChaosPostgres) => postgres.databaseUrl('postgres');

export const POSTGRES: Dependency<ChaosPostgres> = {
  name: 'postgres',
  title: 'Postgres',
  settingOf: (app, { setup }) =>
    app === 'orders'
      ? { variable: 'ORDERS_DATABASE_URL', url: setup.ordersDatabaseUrl }
      : { variable: 'DATABASE_URL', url: setup.databaseUrl },
  serverOf: ({ servers }) => servers.postgres,
  urlOf: postgresUrl,
  silences: [
    ...HALF_OPEN,
    {
      name: 'frozen for 10 s',
      lastsMs: FROZEN_FOR_MS,
      begin: ({ server }) => server.signal('SIGSTOP'),
      end: ({ server }) => server.signal('SIGCONT'),
    },
    {
      name: 'read-only for 5 s',
      isShort: true,
      lastsMs: REFUSING_FOR_MS,
      begin: ({ server }) => setReadOnly(server, 'on'),
      end: ({ server }) => setReadOnly(server, 'off'),
    },
    failedOver(postgresUrl),
  ],
  // Nothing is accepted that is not committed.
  answers: new Set(['accepted', '503']),
};

/** A Redis that rejects writes because of a setting. */
const rejecting = (
  name: string,
  { setting, value, usual }: Readonly<Record<'setting' | 'value' | 'usual', string>>,
): Silence<ChaosRedis> => ({
  name: `${name} for 5 s`,
  lastsMs: REFUSING_FOR_MS,
  begin: ({ server }) => server.command('CONFIG', 'SET', setting, value),
  end: ({ server }) => server.command('CONFIG', 'SET', setting, usual),
});

const redisUrl = ({ url }: ChaosRedis) => url;

export const REDIS: Dependency<ChaosRedis> = {
  name: 'redis',
  title: 'Redis',
  settingOf: (_, { setup }) => ({ variable: 'REDIS_URL', url: setup.redisUrl }),
  serverOf: ({ servers }) => servers.redis,
  urlOf: redisUrl,
  silences: [
    ...HALF_OPEN,
    {
      name: 'frozen for 10 s',
      lastsMs: FROZEN_FOR_MS,
      begin: ({ server }) => server.freeze(),
      end: ({ server }) => server.thaw(),
    },
    rejecting('without its replicas', {
      setting: 'min-replicas-to-write',
      value: '1',
      usual: '0',
    }),
    {
      ...rejecting('out of memory', { setting: 'maxmemory', value: '1', usual: '0' }),
      isShort: true,
    },
    failedOver(redisUrl),
  ],
  // Redis decides nothing about money, so intake does not notice.
  answers: new Set(['accepted']),
};
