// Free ports on 127.0.0.1, and servers that are started on one.
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { dataPath } from '../place.mjs';
import type { StartedProcess } from '../processes/session.js';
import { untilReady } from '../processes/until-ready.js';
import { Problem } from '../terminal/problem.mjs';

const START_LIMIT_MS = 30_000;
const START_ATTEMPTS = 3;

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });
}

/** True when the port is free. */
export const isFree = (port: number): Promise<boolean> =>
  listenOnce(port).then(
    () => true,
    () => false,
  );

/** A free port: the preferred one if it is free, else one that the system chooses. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  return listenOnce(0);
}

/** Options of every server. The preferred port is used if it is free. */
export interface ServerOptions {
  readonly folder: string;
  readonly password: string;
  readonly preferredPort?: number | undefined;
  readonly logName: string;
}

/** A running server; `kill` ends it as a crash would. */
export type LocalServer = StartedProcess & { readonly url: string; readonly port: number };

/** A server's start on a port, and its check for readiness. */
export interface ServerProgram {
  readonly urlOf: (port: number) => string;
  readonly spawn: (port: number, logFile: string) => StartedProcess;
  readonly ask: (url: string) => Promise<unknown>;
}

/**
 * Starts a server on a free port. Another program may take the port first, so it is tried again.
 */
export async function startServer(
  { logName, preferredPort }: ServerOptions,
  { urlOf, spawn, ask }: ServerProgram,
): Promise<LocalServer> {
  const logFile = join(dataPath('logs'), `${logName}.log`);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(attempt === 1 ? preferredPort : undefined);
    const [process, url] = [spawn(port, logFile), urlOf(port)];
    try {
      await untilReady(process, () => ask(url), START_LIMIT_MS);
      return { ...process, port, url };
    } catch (cause) {
      await process.stop();
      if (attempt === START_ATTEMPTS)
        throw new Problem(`${logName} did not start; its log is ${logFile}`, { cause });
    }
  }
}
