// A Redis of our own, for machines without REDIS_URL.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chmodSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dataPath } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';
import type { Session, StartedProcess } from '../processes/session.js';
import { freePort } from './ports.js';

const START_LIMIT_MS = 15_000;
const POLL_MS = 25;
const START_ATTEMPTS = 3;

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

/** Asks a server `PING` over a bare socket, so that this works before any package is installed. */
function ping(port: number, password: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () =>
      socket.write(`AUTH ${password}\r\nPING\r\n`),
    );
    let answer = '';
    socket.setTimeout(1000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    socket.on('data', (chunk) => {
      answer += chunk;
      // While a server loads its file it answers -LOADING.
      if (answer.includes('+PONG')) {
        socket.destroy();
        resolve();
      } else if (answer.split('\r\n').length > 2) socket.destroy(new Error(answer));
    });
  });
}

async function untilReady(
  { port, password }: { port: number; password: string },
  child: StartedProcess,
  logFile: string,
): Promise<void> {
  let ended = false;
  void child.exited.then(() => (ended = true));
  const deadline = Date.now() + START_LIMIT_MS;
  while (!ended && Date.now() < deadline) {
    try {
      return await ping(port, password);
    } catch {
      await pause(POLL_MS);
    }
  }
  throw new Problem(`Redis did not start; its log is ${logFile}`);
}

/** Starts a server. The caller holds the lock of the folder. */
export async function startRedis(session: Session, options: RedisOptions): Promise<RedisServer> {
  const { program, folder, password, preferredPort, persistence, logName } = options;
  chmodSync(folder, 0o700);
  const logFile = join(dataPath('logs'), `${logName}.log`);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? preferredPort : undefined);
    // The settings go in by standard input: a command line, and so a password on it, is visible to
    // every user.
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
    const child = session.spawn(logName, program, ['-'], {
      input: `${settings.join('\n')}\n`,
      logFile,
      cwd: folder,
    });
    try {
      await untilReady({ port, password }, child, logFile);
      const url = `redis://:${password}@127.0.0.1:${port}/0`;
      return { url, port, pid: child.pid, kill: () => child.kill() };
    } catch (error) {
      await child.stop();
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}
