// Starts a contestant that is a program of the bench: four processes like Quittance's own four, on
// the same servers and the same sandbox.
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDatabase, onDatabase } from '@quittance/databases';
import { generateKeySets } from '@quittance/vault';
import { transformFile } from '@swc/core';
import { build, type Plugin } from 'esbuild';
import { dataPath, root } from '../tools/place.mjs';
import { freePort } from '../tools/servers/ports.js';
import { Problem } from '../tools/terminal/problem.mjs';
import { step } from '../tools/terminal/progress.mjs';
import { ROLES, timesFrom, type Contestant, type Role, type Setting } from './contestant.js';

const BENCH = join(root, 'bench');
const START_LIMIT_MS = 60_000;

const ACCEPTED = 'SELECT id, created_at AS at FROM payments WHERE created_at >= $1';
const STORED = `
  SELECT payment_id AS id, received_at AS at FROM orders
  WHERE status = 'succeeded' AND received_at >= $1`;

/** The settings of a process, which it reads as JSON from `SETTINGS`. */
export type Settings = Awaited<ReturnType<typeof commonSettings>> & { readonly role: Role };

const commonSettings = async (name: string, { databaseUrl, redis, gateway }: Setting) => ({
  /** Prefixes the names of the queues, because the contestants share one Redis. */
  contestant: name,
  apiKey: randomBytes(32).toString('base64url'),
  databaseUrl: databaseUrl(name),
  redisUrl: redis.url,
  gatewayUrl: gateway.url,
  terminal: gateway.terminal,
  apiPort: await freePort(),
  webhookPort: await freePort(),
  /** Of `@quittance/vault`. */
  keySets: generateKeySets() as Partial<Record<Role, object>>,
});

/** esbuild writes no metadata of decorators, by which Nest injects; swc does (`.swcrc`). */
const swc: Plugin = {
  name: 'swc',
  setup: (compiling) =>
    compiling.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const { code } = await transformFile(path, { sourceMaps: 'inline' });
      return { contents: code, loader: 'js' };
    }),
};

/**
 * Compiles a program, because a loader in its processes would be measured too.
 * @returns the file, below the clone, so that packages are found from there
 */
async function compile(name: string): Promise<string> {
  const outfile = join(BENCH, '.compiled', `${name}.js`);
  await build({
    entryPoints: [join(BENCH, name, 'program.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    sourcemap: true,
    plugins: [swc],
  });
  return outfile;
}

/**
 * Starts a process, and waits for the message that it is at work. It ends with the bench, however
 * that ends, because their channel closes.
 */
async function startProcess(program: string, settings: Settings) {
  const { contestant, role } = settings;
  const logFile = join(dataPath('logs'), `${contestant}-${role}.log`);
  const log = openSync(logFile, 'w');
  const child = fork(program, {
    // In a group of its own: Ctrl-C at the terminal ends the bench, which ends the rest in order.
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
    execArgv: ['--enable-source-maps'],
    env: { ...process.env, NODE_ENV: 'production', SETTINGS: JSON.stringify(settings) },
  });
  closeSync(log);
  const ended = once(child, 'exit').then((): never => {
    throw new Problem(`${contestant}-${role} ended; see ${logFile}`);
  });
  const ready = once(child, 'message', { signal: AbortSignal.timeout(START_LIMIT_MS) });
  await Promise.race([ready, ended]);
  return { name: role, pid: child.pid ?? 0, ended };
}

/** Starts the contestant whose `program.ts` and `tables.sql` are in the folder of its name. */
export function startProcesses(name: string, setting: Setting): Promise<Contestant> {
  return step(name, async (say) => {
    const program = await compile(name);
    const common = await commonSettings(name, setting);
    const { databaseUrl, apiKey, apiPort } = common;
    await ensureDatabase(databaseUrl);
    const tables = readFileSync(join(BENCH, name, 'tables.sql'), 'utf8');
    await onDatabase(databaseUrl, (client) => client.query(tables));
    const processes = await Promise.all(
      ROLES.map((role) => startProcess(program, { ...common, role })),
    );
    say('4 processes');
    const ended = Promise.race(processes.map((one) => one.ended));
    ended.catch(() => {});
    const url = `http://127.0.0.1:${apiPort}`;
    const accepted = timesFrom(databaseUrl, ACCEPTED);
    const stored = timesFrom(databaseUrl, STORED);
    return { name, url, apiKey, processes, accepted, stored, ended };
  });
}
