// A Redis of our own, for machines without REDIS_URL.
import { chmodSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { Session } from '../processes/session.js';
import { startServer, type LocalServer, type ServerOptions } from './ports.js';

/** `persistence` are lines of Redis's configuration. */
export interface RedisOptions extends ServerOptions {
  readonly program: string;
  readonly persistence: readonly string[];
}

/** A running Redis. */
export type RedisServer = LocalServer;

/**
 * Queues survive a restart, and at most a second of them is lost in a crash (the relay rebuilds
 * what is missing).
 */
export const APPEND_ONLY = ['appendonly yes', 'appendfsync everysec'];
/** For data that is thrown away. */
export const IN_MEMORY = ['appendonly no'];

async function ping(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    // While a server loads its file it answers -LOADING.
    await redis.connect();
    await redis.ping();
  } finally {
    redis.disconnect();
  }
}

/** Starts a server. The caller holds the lock of the folder. */
export function startRedis(session: Session, options: RedisOptions): Promise<RedisServer> {
  const { program, folder, password, persistence, logName } = options;
  chmodSync(folder, 0o700);
  return startServer(options, {
    urlOf: (port) => `redis://:${password}@127.0.0.1:${port}/0`,
    spawn: (port, logFile) => {
      // The settings go in by standard input: a command line, and so a password on it, is visible
      // to every user.
      const settings = [
        'bind 127.0.0.1',
        `port ${port}`,
        `requirepass ${password}`,
        `dir "${folder}"`,
        'save ""',
        // A full Redis must refuse, not forget: an evicted key is a lost job.
        'maxmemory-policy noeviction',
        ...persistence,
      ];
      const input = `${settings.join('\n')}\n`;
      return session.spawn(logName, program, ['-'], { input, logFile, cwd: folder });
    },
    ask: ping,
  });
}
