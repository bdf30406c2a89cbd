// A Redis of our own, for machines where nobody has set REDIS_URL.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chmodSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dataPath } from '../place.mjs';
import { Problem } from '../terminal/problem.mjs';
import { freePort } from './ports.mjs';

const START_LIMIT_MS = 15_000;
const POLL_MS = 25;
const START_ATTEMPTS = 3;

/** Queues survive a restart, and at most a second of them is lost in a crash (the relay rebuilds what is missing). */
export const APPEND_ONLY = ['appendonly yes', 'appendfsync everysec'];
/** For data that is thrown away. */
export const IN_MEMORY = ['appendonly no'];

/** Asks a server `PING` over a bare socket, so that this works before any package is installed. */
function ping(port, password) {
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
      if (answer.includes('+PONG')) resolve(socket.destroy());
      else if (answer.split('\r\n').length > 2) socket.destroy(new Error(answer));
    });
  });
}

async function untilReady(port, password, child, logFile) {
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

/**
 * Starts a server. The caller holds the lock of the folder.
 * @param {import('../processes/session.mjs').Session} session
 * @param {{ program: string, folder: string, password: string, preferredPort?: number, persistence: string[], logName: string }} options
 * @returns {Promise<{ url: string, port: number, pid: number, kill: () => Promise<void> }>}
 */
export async function startRedis(session, options) {
  const { program, folder, password, preferredPort, persistence, logName } = options;
  chmodSync(folder, 0o700);
  const logFile = join(dataPath('logs'), `${logName}.log`);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? preferredPort : undefined);
    // The settings go in by standard input: a command line, and so a password on it, is visible to every user.
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
      await untilReady(port, password, child, logFile);
      const url = `redis://:${password}@127.0.0.1:${port}/0`;
      return { url, port, pid: child.pid, kill: () => child.kill() };
    } catch (error) {
      await child.stop();
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}
