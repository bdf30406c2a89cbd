// What the versions written by hand (bench/bare, bench/guarded) have in common: four processes like
// Quittance's own four, on the same servers and the same sandbox, in a folder that is named as they
// are.
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensureDatabase, onDatabase } from '@quittance/databases';
import { dataPath } from '../../tools/place.mjs';
import type { ProcessEnd, Session, StartedProcess } from '../../tools/processes/session.js';
import { freePort } from '../../tools/servers/ports.js';
import { Problem } from '../../tools/terminal/problem.mjs';
import { step } from '../../tools/terminal/progress.mjs';
import { programOf } from '../programs.js';
import {
  countBy,
  type Contestant,
  type ContestantOptions,
  type MeasuredProcess,
} from './contestant.js';

type Running = MeasuredProcess & { readonly exited: Promise<ProcessEnd> };
type Environment = Readonly<Record<string, string | undefined>>;

const PROCESSES = ['api', 'worker', 'webhook', 'orders'];
const START_LIMIT_MS = 15_000;
const POLL_MS = 50;

const COUNT_FINAL = `SELECT count(*)::int AS count FROM orders WHERE status = 'succeeded'`;
const TIMES = `
  SELECT p.created_at, o.received_at FROM orders o JOIN payments p ON p.id = o.payment_id
  WHERE o.status = 'succeeded' AND o.received_at >= $1`;

const folderOf = (contestant: string) =>
  fileURLToPath(new URL(`../${contestant}`, import.meta.url));

async function createTables(contestant: string, url: string): Promise<void> {
  await ensureDatabase(url);
  const statements = readFileSync(join(folderOf(contestant), 'tables.sql'), 'utf8');
  await onDatabase(url, (client) => client.query(statements));
}

/** Each process writes `ready` once it works. */
async function untilReady(child: StartedProcess, logFile: string): Promise<void> {
  let ended = false;
  void child.exited.then(() => (ended = true));
  const deadline = Date.now() + START_LIMIT_MS;
  while (!readFileSync(logFile, 'utf8').includes('ready\n')) {
    if (ended || Date.now() > deadline) {
      throw new Problem(`${child.name} did not start:\n${readFileSync(logFile, 'utf8')}`);
    }
    await pause(POLL_MS);
  }
}

async function launch(
  session: Session,
  { contestant, name, env }: { contestant: string; name: string; env: Environment },
): Promise<Running> {
  const title = `${contestant}-${name}`;
  const logFile = join(dataPath('logs'), `${title}.log`);
  closeSync(openSync(logFile, 'w'));
  const args = ['--enable-source-maps', programOf(`${contestant}/${name}`)];
  const child = session.spawn(title, process.execPath, args, { env, logFile });
  await untilReady(child, logFile);
  return { name, pid: child.pid, exited: child.exited };
}

async function readTimes(url: string, since: number) {
  const { rows } = await onDatabase(url, (client) =>
    client.query<{ created_at: Date; received_at: Date }>(TIMES, [new Date(since)]),
  );
  return rows.map(({ created_at, received_at }) => ({
    acceptedAt: created_at.getTime(),
    storedAt: received_at.getTime(),
  }));
}

async function untilOneEnds(contestant: string, processes: readonly Running[]): Promise<never> {
  await Promise.race(processes.map(({ exited }) => exited));
  throw new Problem(
    `A process of the ${contestant} version ended; see ${dataPath('logs')}/${contestant}-*.log`,
  );
}

interface Setting extends ContestantOptions {
  readonly contestant: string;
  readonly databaseUrl: string;
  readonly apiKey: string;
  readonly ports: { readonly api: number; readonly webhook: number };
}

function environment(setting: Setting): Environment {
  const { contestant, databaseUrl, apiKey, ports, servers, sandboxUrl, terminal } = setting;
  return {
    ...process.env,
    NODE_ENV: 'production',
    CONTESTANT: contestant,
    DATABASE_URL: databaseUrl,
    REDIS_URL: servers.redis.url,
    API_KEY: apiKey,
    CALLBACK_URL: `http://127.0.0.1:${ports.webhook}`,
    GATEWAY_URL: sandboxUrl,
    TERMINAL_NUMBER: String(terminal.number),
    TERMINAL_PUBLIC_KEY: terminal.publicKey,
    TERMINAL_PRIVATE_KEY: terminal.privateKey,
  };
}

/** Starts a version written by hand; `contestant` is its name, its folder's and its database's. */
export async function startByHand(
  contestant: string,
  session: Session,
  options: ContestantOptions,
): Promise<Contestant> {
  const { servers } = options;
  return step(contestant, async (say) => {
    const databaseUrl = servers.databaseUrl(contestant);
    await createTables(contestant, databaseUrl);
    const apiKey = randomBytes(32).toString('base64url');
    const ports = { api: await freePort(), webhook: await freePort() };
    const shared = environment({ ...options, contestant, databaseUrl, apiKey, ports });
    const start = (name: string) => {
      const port = name === 'api' || name === 'webhook' ? String(ports[name]) : '';
      const own = { PORT: port, ...options.secretsOf?.(name) };
      const env = { ...shared, ...own, ...options.nodeOptionsOf(`${contestant}-${name}`) };
      return launch(session, { contestant, name, env });
    };
    const processes = await Promise.all(PROCESSES.map(start));
    say(`${PROCESSES.length} processes`);
    return {
      name: contestant,
      url: `http://127.0.0.1:${ports.api}`,
      path: '/v1/payment-intents',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      processes,
      countFinal: (client) => countBy(client, COUNT_FINAL),
      ordersDatabaseUrl: databaseUrl,
      readTimes: (since) => readTimes(databaseUrl, since),
      ended: untilOneEnds(contestant, processes),
    };
  });
}
