// A PgBouncer of a test's own in front of the Postgres of the tests. Debian's package, because no
// npm package carries one.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { PROCESSES, roleOf } from '@quittance/databases';
import { canInstallPackages, installPackage } from '../../tools/servers/debian-package.js';
import { freePort } from '../../tools/servers/ports.js';
import { own, postgresHome } from '../../tools/servers/postgres-home.js';
import { Problem } from '../../tools/terminal/problem.mjs';
import { eventually } from './eventually.js';

const CHOICES = `PgBouncer is needed, and there is none on the PATH. Install it:
      Debian, Ubuntu   sudo apt-get install pgbouncer
      Fedora           sudo dnf install pgbouncer
      macOS            brew install pgbouncer`;

/** Path of the program. */
function findPgBouncer(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), '/usr/sbin'];
  return folders.map((folder) => join(folder, 'pgbouncer')).find(existsSync);
}

/** Installs PgBouncer where root may. Without it, the tests that need it fail and say so. */
export async function ensurePgBouncer(): Promise<void> {
  if (!findPgBouncer() && canInstallPackages()) await installPackage('pgbouncer', CHOICES);
}

/** A PgBouncer that belongs to one test file. */
export interface PgBouncer {
  /** The same database and account, through PgBouncer. */
  through(url: string): string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on its port after `kill`. */
  start(): Promise<void>;
  /** Ends it for good. Call it in `afterAll`. */
  stop(): Promise<void>;
}

/** Over those of {@link startPgBouncer}. */
export type PgBouncerSettings = Readonly<Record<string, string | number>>;

/** As docs/operations.md advises. */
const ADVISED: PgBouncerSettings = {
  pool_mode: 'transaction',
  query_wait_timeout: 4,
  server_login_retry: 1,
};

const answers = (port: number) =>
  new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });

/**
 * Starts one that pools transactions for the account of `url` and the roles of the processes, which
 * have the same password.
 * @param url of any database of the Postgres behind it
 */
export async function startPgBouncer(
  url: string,
  settings: PgBouncerSettings = {},
): Promise<PgBouncer> {
  const program = findPgBouncer();
  if (program === undefined) throw new Problem(CHOICES);
  const { as } = await postgresHome();
  const { hostname, port: target, username, password } = new URL(url);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-'));
  const write = (name: string, lines: readonly string[]) => {
    const file = join(folder, name);
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    own(file, as);
    return file;
  };
  const users = [decodeURIComponent(username), ...PROCESSES.map(roleOf)];
  const all: PgBouncerSettings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: write(
      'users.txt',
      users.map((user) => `"${user}" "${decodeURIComponent(password)}"`),
    ),
    max_client_conn: 500,
    ...ADVISED,
    ...settings,
  };
  const file = write('pgbouncer.ini', [
    '[databases]',
    `* = host=${hostname} port=${target}`,
    '[pgbouncer]',
    ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
  ]);
  own(folder, as);
  chmodSync(folder, 0o700);
  let end = async (): Promise<void> => {};
  const start = async (): Promise<void> => {
    const child = spawn(program, ['-q', file], { ...as, cwd: '/', stdio: 'ignore' });
    const exited = new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
    end = async () => {
      child.kill('SIGKILL');
      await exited;
    };
    await eventually(() => answers(port));
  };
  await start();
  return {
    through: (of) => {
      const changed = new URL(of);
      changed.host = `127.0.0.1:${port}`;
      return changed.href;
    },
    kill: () => end(),
    start,
    stop: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
