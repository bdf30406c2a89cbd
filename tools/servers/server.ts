// The start of a Postgres or a Redis of our own.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeJson } from '../json.mjs';
import { dataPath } from '../place.mjs';
import type { StartedProcess } from '../processes/session.js';
import { untilReady } from '../processes/until-ready.js';
import { Problem } from '../terminal/problem.mjs';
import { freePort } from './ports.js';

const START_LIMIT_MS = 30_000;
const START_ATTEMPTS = 3;

/** Options of every server. */
export interface ServerOptions {
  /** Contains all it stores. The caller holds its lock. */
  readonly folder: string;
  readonly logName: string;
  /** Confirmed data survive a power cut; false for data that are thrown away. */
  readonly isDurable: boolean;
  /** Over the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
  /** For a new folder; by default a new one. */
  readonly password?: string;
}

/**
 * A running server; `kill` ends it as a crash would. With the same options it can be started again
 * after its end.
 */
export interface LocalServer extends StartedProcess {
  readonly url: string;
  readonly port: number;
  /** A person's name for the program, such as PostgreSQL 18.4. */
  readonly program: string;
}

/** One kind of server: its URL, and its start on a port with its output in the file. */
export interface ServerProgram {
  readonly program: string;
  readonly urlOf: (port: number, password: string) => string;
  readonly spawn: (port: number, password: string, logFile: string) => Promise<StartedProcess>;
}

/**
 * Starts a server with the password that its folder had before, and on its former port if that is
 * free, so that a person's own psql or redis-cli keeps working. Another program may take the port
 * first, so it is tried again.
 */
export async function startServer(
  { folder, logName, ...options }: ServerOptions,
  { program, urlOf, spawn }: ServerProgram,
): Promise<LocalServer> {
  const logFile = join(dataPath('logs'), `${logName}.log`);
  const memory = join(folder, 'server.json');
  const former = new URL(readJson(memory)?.url ?? 'none://');
  const { password = former.password || randomBytes(18).toString('base64url') } = options;
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? Number(former.port) : 0);
    const url = urlOf(port, password);
    // Before the server has any data: data whose password is lost is of no use.
    writeJson(memory, { url });
    const process = await spawn(port, password, logFile);
    // Postgres and Redis report it in the same words, each with its process id.
    const ready = new RegExp(`\\b${process.pid}\\b.* ready to accept .*connections`, 'i');
    const ask = async () => {
      if (!ready.test(readFileSync(logFile, 'utf8'))) throw new Error('no word in its log');
    };
    try {
      await untilReady(process, ask, START_LIMIT_MS);
      return { ...process, port, url, program };
    } catch (cause) {
      await process.stop();
      if (attempt === START_ATTEMPTS)
        throw new Problem(`${logName} did not start; its log is ${logFile}`, { cause });
    }
  }
}
