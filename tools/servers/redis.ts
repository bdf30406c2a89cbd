// A Redis of our own, for machines without REDIS_URL: the machine's, or Debian's, which is
// installed when root may. No npm package carries a Redis binary.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { Session } from '../processes/session.js';
import { Problem } from '../terminal/problem.mjs';
import { startServer, type LocalServer, type ServerOptions } from './server.js';

const POLICY = '/usr/sbin/policy-rc.d';
const run = promisify(execFile);

const CHOICES = `Redis is needed, and there is none to use. Choose one:
  - set REDIS_URL, for example redis://127.0.0.1:6379
  - install redis-server or valkey-server so that it is on the PATH
      Debian, Ubuntu   sudo apt-get install redis-server
      Fedora           sudo dnf install valkey
      macOS            brew install redis
  - run it in a container: docker run --rm -p 6379:6379 redis:7 --appendonly yes --maxmemory-policy noeviction
    and set REDIS_URL=redis://127.0.0.1:6379`;

/**
 * Queues survive a restart, and at most a second of them is lost in a crash (the relay rebuilds
 * what is missing).
 */
const APPEND_ONLY = { appendonly: 'yes', appendfsync: 'everysec' };
const IN_MEMORY = { appendonly: 'no' };

/** Path of the Redis server that this machine has. */
export function findRedis(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), '/usr/bin'];
  return ['redis-server', 'valkey-server']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(existsSync);
}

async function installDebianPackage(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Keeps the package from starting a service of its own on port 6379.
  const isOurPolicy = !existsSync(POLICY);
  try {
    await run('apt-get', ['-q', '-y', 'update'], { env });
    if (isOurPolicy) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    const words = ['-q', '-y', 'install', '--no-install-recommends', 'redis-server'];
    await run('apt-get', words, { env });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Problem(
      `apt-get could not install redis-server:\n${stderr || String(error)}\n\n${CHOICES}`,
    );
  } finally {
    if (isOurPolicy) rmSync(POLICY, { force: true });
  }
  // With systemd, the package would start Redis at the next boot, which the user did not ask for.
  if (existsSync('/run/systemd/system'))
    await run('systemctl', ['disable', 'redis-server']).catch(() => {});
}

/**
 * Starts a server. `say` is called if it has to be installed first.
 * @throws {Problem} that lists the choices if there is none
 */
export async function startRedis(
  session: Session,
  options: ServerOptions,
  say: (detail: string) => void = () => {},
): Promise<LocalServer> {
  const { folder, isDurable, settings, logName } = options;
  if (!findRedis() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('installing redis-server with apt-get');
    await installDebianPackage();
  }
  const program = findRedis();
  if (program === undefined) throw new Problem(CHOICES);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  return startServer(options, {
    program,
    urlOf: (port, password) => `redis://:${password}@127.0.0.1:${port}/0`,
    spawn: async (port, password, logFile) => {
      const all = {
        bind: '127.0.0.1',
        port,
        requirepass: password,
        dir: `"${folder}"`,
        save: '""',
        // A full Redis must refuse, not forget: an evicted key is a lost job.
        'maxmemory-policy': 'noeviction',
        ...(isDurable ? APPEND_ONLY : IN_MEMORY),
        ...settings,
      };
      // In a file: a command line, and so a password on it, is visible to every user.
      const file = join(folder, 'redis.conf');
      const lines = Object.entries(all).map(([name, value]) => `${name} ${value}\n`);
      writeFileSync(file, lines.join(''), { mode: 0o600 });
      return session.spawn(logName, program, [file], { logFile, cwd: folder });
    },
  });
}
