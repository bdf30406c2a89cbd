// A Redis of our own, for machines without REDIS_URL: the machine's, or Debian's, which is
// installed when root may. No npm package carries a Redis binary.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Session } from '../processes/session.js';
import { Problem } from '../terminal/problem.mjs';
import { canInstallPackages, installPackage } from './debian-package.js';
import { startServer, type LocalServer, type ServerOptions } from './server.js';

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
  if (!findRedis() && canInstallPackages()) {
    say('installing redis-server with apt-get');
    await installPackage('redis-server', CHOICES);
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
