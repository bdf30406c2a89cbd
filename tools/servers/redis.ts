// A Redis of our own, for machines without REDIS_URL.
import { chmodSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { Session } from '../processes/session.js';
import { startServer } from './ports.js';

/** `persistence` are lines of Redis's configuration; `preferredPort` is taken if it is free. */
export interface RedisOptions {
  readonly program: string;
  readonly folder: string;
  readonly password: string;
  readonly preferredPort?: number | undefined;
  readonly persistence: readonly string[];
  readonly logName: string;
}

/** A running Redis; `kill` ends it as a crash would. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  kill(): Promise<void>;
}

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
export async function startRedis(session: Session, options: RedisOptions): Promise<RedisServer> {
  const { program, folder, password, preferredPort, persistence, logName } = options;
  chmodSync(folder, 0o700);
  const urlOf = (port: number) => `redis://:${password}@127.0.0.1:${port}/0`;
  const { port, process } = await startServer({
    logName,
    preferredPort,
    spawn: (onPort, logFile) => {
      // The settings go in by standard input: a command line, and so a password on it, is visible
      // to every user.
      const settings = [
        'bind 127.0.0.1',
        `port ${onPort}`,
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
    ask: (onPort) => ping(urlOf(onPort)),
  });
  return { url: urlOf(port), port, pid: process.pid, kill: () => process.kill() };
}
