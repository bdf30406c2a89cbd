// Starts a contestant written by hand: four processes like Quittance's own four, on the same
// servers and the same sandbox.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ensureDatabase, onDatabase } from '@quittance/databases';
import { dataPath } from '../../tools/place.mjs';
import type { Session } from '../../tools/processes/session.js';
import { freePort } from '../../tools/servers/ports.js';
import { Problem } from '../../tools/terminal/problem.mjs';
import { step } from '../../tools/terminal/progress.mjs';
import type { Contestant, Setting } from '../contestant.js';
import { programOf } from '../programs.js';

const START_LIMIT_MS = 15_000;
const POLL_MS = 50;

const FINAL_COUNT = `SELECT count(*)::int AS count FROM orders WHERE status = 'succeeded'`;
const ACCEPTED = 'SELECT id, created_at AS at FROM payments WHERE created_at >= $1';
const STORED = `
  SELECT payment_id AS id, received_at AS at FROM orders
  WHERE status = 'succeeded' AND received_at >= $1`;

/** Starts a process and waits until its log says that it is ready. */
async function launch(
  session: Session,
  { title, program, env }: { title: string; program: string; env: NodeJS.ProcessEnv },
) {
  const logFile = join(dataPath('logs'), `${title}.log`);
  writeFileSync(logFile, '');
  const args = ['--enable-source-maps', program];
  const child = session.spawn(title, process.execPath, args, { env, logFile });
  const log = () => readFileSync(logFile, 'utf8');
  const deadline = Date.now() + START_LIMIT_MS;
  while (!log().includes('ready\n')) {
    const hasEnded = await Promise.race([child.exited.then(() => true), pause(POLL_MS, false)]);
    if (hasEnded || Date.now() > deadline) throw new Problem(`${title} did not start:\n${log()}`);
  }
  return child;
}

/**
 * Starts the contestant `name`, whose programs and `tables.sql` are in the folder of that name.
 * `keySets` are those of `@quittance/vault`, for a contestant that encrypts cards.
 */
export function startByHand(
  name: string,
  session: Session,
  { servers, gateway, environmentOf }: Setting,
  keySets: Partial<Record<string, object>> = {},
): Promise<Contestant> {
  return step(name, async (say) => {
    const databaseUrl = servers.databaseUrl(name);
    await ensureDatabase(databaseUrl);
    const tables = readFileSync(new URL(`../${name}/tables.sql`, import.meta.url), 'utf8');
    await onDatabase(databaseUrl, (client) => client.query(tables));
    const apiKey = randomBytes(32).toString('base64url');
    const [apiPort, webhookPort] = [await freePort(), await freePort()];
    const environment = {
      ...process.env,
      NODE_ENV: 'production',
      CONTESTANT: name,
      DATABASE_URL: databaseUrl,
      REDIS_URL: servers.redis.url,
      API_KEY: apiKey,
      CALLBACK_URL: `http://127.0.0.1:${webhookPort}`,
      GATEWAY_URL: gateway.url,
      TERMINAL: JSON.stringify(gateway.terminal),
    };
    const start = async (process: string, port?: number) => {
      const title = `${name}-${process}`;
      const own = { PORT: String(port), KEY_SET: JSON.stringify(keySets[process]) };
      const env = { ...environment, ...own, ...environmentOf(title) };
      const child = await launch(session, { title, program: programOf(`${name}/${process}`), env });
      return { ...child, name: process };
    };
    const processes = await Promise.all([
      start('api', apiPort),
      start('worker'),
      start('webhook', webhookPort),
      start('orders'),
    ]);
    say('4 processes');
    const ended = Promise.race(processes.map(({ exited }) => exited)).then((): never => {
      throw new Problem(`A process of ${name} ended; see ${dataPath('logs')}/${name}-*.log`);
    });
    ended.catch(() => {});
    return {
      name,
      url: `http://127.0.0.1:${apiPort}`,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      processes,
      finalCount: { databaseUrl, text: FINAL_COUNT },
      accepted: { databaseUrl, text: ACCEPTED },
      stored: { databaseUrl, text: STORED },
      ended,
    };
  });
}
