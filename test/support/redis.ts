// Redis for tests: a share of the run's server, separated by a key prefix, or a private server for
// a test that empties, stops or kills it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../tools/servers/ports.js';
import { eventually } from './eventually.js';
import { fromRunner } from './environment.js';

/** A share of the run's Redis. */
export interface TestRedis {
  readonly url: string;
  /** For BullMQ's `prefix`, or in front of every other key. No other test file uses it. */
  readonly prefix: string;
  /** Removes every key with the prefix. Call it in `afterAll`. */
  clear(): Promise<void>;
}

let counter = 0;

/** A share of the run's Redis for one test file. */
export function createTestRedis(): TestRedis {
  counter += 1;
  const url = fromRunner('TEST_REDIS_URL');
  const prefix = `${fromRunner('TEST_REDIS_PREFIX')}-${process.pid}-${counter}-${Date.now().toString(36)}`;
  return { url, prefix, clear: () => removeKeys(url, prefix) };
}

async function removeKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1000);
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
  await redis.quit();
}

/** A Redis server that belongs to one test. */
export interface PrivateRedis {
  readonly url: string;
  readonly port: number;
  /** Starts it again on the same port after `stop`; it is empty then. */
  start(): Promise<void>;
  /** Ends it as a crash does; its data is lost. */
  stop(): Promise<void>;
  /** Until `resume`, its connections stay open and it answers nothing. */
  freeze(): void;
  resume(): void;
}

async function answers(url: string): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  await redis.connect();
  await redis.ping();
  redis.disconnect();
}

/**
 * Starts a Redis server for one test, with more settings. Where those require a user, `asUser` adds
 * one who may ping to the URL. Call `stop` in `afterAll`.
 */
export async function startPrivateRedis(
  settings: readonly string[] = [],
  asUser: (url: string) => string = (url) => url,
): Promise<PrivateRedis> {
  const program = fromRunner('TEST_REDIS_PROGRAM');
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}/0`;
  const args = [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--save',
    '',
    '--appendonly',
    'no',
    '--repl-diskless-sync-delay',
    '0',
    ...settings,
  ];
  let end: () => Promise<void> = async () => {};
  let signal: (name: 'SIGSTOP' | 'SIGCONT') => void = () => {};
  const start = async (): Promise<void> => {
    // A replica writes its primary's data to a file, whatever the settings say.
    const folder = mkdtempSync(join(tmpdir(), 'redis-'));
    const child = spawn(program, [...args, '--dir', folder], { stdio: 'ignore' });
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
    signal = (name) => void child.kill(name);
    end = async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    };
    await eventually(() => answers(asUser(url)));
  };
  await start();
  return {
    url,
    port,
    start,
    stop: () => end(),
    freeze: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  };
}
