// Starts a contestant written by hand: four processes like Quittance's own four, on the same
// servers and the same sandbox.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDatabase, onDatabase } from '@quittance/databases';
import { dataPath } from '../../tools/place.mjs';
import type { Session } from '../../tools/processes/session.js';
import { untilReady } from '../../tools/processes/until-ready.js';
import { freePort } from '../../tools/servers/ports.js';
import { Problem } from '../../tools/terminal/problem.mjs';
import { step } from '../../tools/terminal/progress.mjs';
import type { Contestant, Setting } from '../contestant.js';
import { programOf } from '../programs.js';
import type { Settings } from './process.js';

const START_LIMIT_MS = 15_000;

const FINAL_COUNT = `SELECT count(*)::int AS count FROM orders WHERE status = 'succeeded'`;
const ACCEPTED = 'SELECT id, created_at AS at FROM payments WHERE created_at >= $1';
const STORED = `
  SELECT payment_id AS id, received_at AS at FROM orders
  WHERE status = 'succeeded' AND received_at >= $1`;

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
    const common = {
      contestant: name,
      apiKey,
      databaseUrl,
      redisUrl: servers.redis.url,
      gatewayUrl: gateway.url,
      callbackUrl: `http://127.0.0.1:${webhookPort}`,
      terminal: gateway.terminal,
    };
    /** Starts a process and waits until its log says that it is ready. */
    const start = async (role: string, port = 0) => {
      const title = `${name}-${role}`;
      const settings: Settings = { ...common, port, keySet: JSON.stringify(keySets[role]) };
      const own = { NODE_ENV: 'production', SETTINGS: JSON.stringify(settings) };
      const env = { ...process.env, ...own, ...environmentOf(title) };
      const logFile = join(dataPath('logs'), `${title}.log`);
      writeFileSync(logFile, '');
      const args = ['--enable-source-maps', programOf(`${name}/${role}`)];
      const child = session.spawn(title, process.execPath, args, { env, logFile });
      const ask = async () => {
        const log = readFileSync(logFile, 'utf8');
        if (!log.includes('ready\n')) throw new Error(log);
      };
      await untilReady(child, ask, START_LIMIT_MS).catch((error: Error) => {
        throw new Problem(`${title} ${error.message}; see ${logFile}`, { cause: error });
      });
      return { ...child, name: role };
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
    const url = `http://127.0.0.1:${apiPort}`;
    const accepted = { databaseUrl, text: ACCEPTED };
    const stored = { databaseUrl, text: STORED };
    return { name, url, apiKey, processes, accepted, stored, finalCount: FINAL_COUNT, ended };
  });
}
