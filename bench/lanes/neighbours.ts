// Isolation within a lane: the time from acceptance to the final status of one merchant's payments,
// alone, beside a merchant whose gateway never answers, and beside one with a backlog. The gateway
// is slow and the lane has few places, so that the queue is measured and not the processors.
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { migrateBoth, onDatabase } from '@quittance/databases';
import { SandboxControl } from '../../test/chaos/sandbox-control.js';
import { dataPath } from '../../tools/place.mjs';
import type { Session } from '../../tools/processes/session.js';
import { operate } from '../../tools/stack/operator.js';
import { anyPorts } from '../../tools/stack/ports.js';
import { type SeededMerchant, seedMerchant } from '../../tools/stack/seed.js';
import { Stack } from '../../tools/stack/stack.js';
import { step } from '../../tools/terminal/progress.mjs';
import { percentile, rounded } from '../figures.js';
import { ACQUIRER_SCRIPTS, APPROVED_AT_ONCE, paymentRequest } from '../load/payment.js';
import { startServers } from '../servers.js';

const PLACES = 16;
/** Only the superuser could listen there. */
const CLOSED_PORT = 'http://127.0.0.1:1';
const GATEWAY_MS = 400;
/** Payments of the merchant whose gateway never answers. */
const SILENT_EVERY_MS = 125;
const MEASURED_EVERY_MS = 500;
const MEASURED = 40;
/** Not counted: the first payments meet code that is not compiled yet. */
const WARM_UP = 10;

const SETTINGS = {
  NODE_ENV: 'production',
  LOG_LEVEL: 'warn',
  SANDBOX_GENERATION: 'b',
  SUBMISSION_CONCURRENCY: String(PLACES),
  SUBMIT_WITHIN_MS: '3600000',
};

const FINISHED = `
  SELECT extract(epoch FROM min(e.created_at) - p.created_at)::float8 * 1000 AS ms
  FROM payment_intents p LEFT JOIN payment_events e ON e.payment_id = p.id AND e.status = 'succeeded'
  WHERE p.reference LIKE $1 GROUP BY p.id`;

/** Accepts connections and never answers. */
async function startSilentGateway(): Promise<{ url: string; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** Sends payments at a fixed interval, whether or not the last one has its response. */
async function sendEvery(
  { urls }: Stack,
  { apiKey }: SeededMerchant,
  { tag, everyMs, isOver }: { tag: string; everyMs: number; isOver: (sent: number) => boolean },
): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` };
  const responses: Promise<unknown>[] = [];
  for (let sent = 0; !isOver(sent); sent += 1) {
    const body = JSON.stringify(paymentRequest(`${APPROVED_AT_ONCE}${tag}-${sent}`));
    const call = { method: 'POST', headers, body };
    responses.push(fetch(`${urls.api}/v1/payment-intents`, call).then((one) => one.text()));
    await pause(everyMs);
  }
  await Promise.all(responses);
}

/** Sends payments as the lines of one batch. */
async function sendBatch({ urls }: Stack, { apiKey }: SeededMerchant, count: number) {
  const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${apiKey}` };
  const line = (at: number) =>
    `${JSON.stringify(paymentRequest(`${APPROVED_AT_ONCE}flood-${at}`))}\n`;
  const body = Array.from({ length: count }, (_, at) => line(at)).join('');
  const call = { method: 'POST', headers, body };
  const response = await fetch(`${urls.api}/v1/payment-intents/batch`, call);
  if (!response.ok) throw new Error(`the batch got ${response.status}`);
  await response.text();
}

const countQueued = ({ setup }: Stack) =>
  onDatabase(setup.databaseUrl, async (client) => {
    const text = `SELECT count(*)::int AS count FROM payment_intents WHERE status = 'queued'`;
    return (await client.query<{ count: number }>(text)).rows[0]?.count;
  });

/** Resolves when the events of the acceptances are in the order domain: the backlog is at rest. */
async function untilDelivered({ setup }: Stack, backlog: number): Promise<void> {
  const count = async (url: string, table: string) =>
    onDatabase(url, async (client) => {
      const text = `SELECT count(*)::int AS count FROM ${table}`;
      return (await client.query<{ count: number }>(text)).rows[0]?.count ?? 0;
    });
  while (
    (await count(setup.ordersDatabaseUrl, 'event_inbox')) < backlog ||
    (await count(setup.databaseUrl, 'outbox')) > 0
  )
    await pause(1_000);
}

/** Measures the payments of one merchant. Resolves with the percentiles in milliseconds. */
async function measure(stack: Stack, merchant: SeededMerchant, tag: string, count = MEASURED) {
  await sendEvery(stack, merchant, { tag, everyMs: MEASURED_EVERY_MS, isOver: (n) => n >= count });
  for (;;) {
    const times = await onDatabase(stack.setup.databaseUrl, async (client) => {
      const like = `${APPROVED_AT_ONCE}${tag}-%`;
      return (await client.query<{ ms: number | null }>(FINISHED, [like])).rows;
    });
    const finished = times.flatMap(({ ms }) => (ms === null ? [] : [ms]));
    if (finished.length === count)
      return {
        p50_ms: rounded(percentile(finished, 50), 0),
        p95_ms: rounded(percentile(finished, 95), 0),
      };
    await pause(1_000);
  }
}

async function startStack(session: Session): Promise<{ stack: Stack; folder: string }> {
  const { databaseUrl: urlOf, redis } = await startServers(session, false);
  const folder = session.temporaryFolder('lanes');
  const setup = {
    ports: await anyPorts(),
    databaseUrl: urlOf('quittance'),
    ordersDatabaseUrl: urlOf('quittance_orders'),
    redisUrl: redis.url,
    keyFolder: join(folder, 'keys'),
    logFolder: dataPath('logs'),
    extra: SETTINGS,
  };
  await migrateBoth(setup);
  return { stack: await new Stack(session, setup).start(), folder };
}

/** The backlog beside which payments are measured. */
export interface Backlog {
  /** Its payments. */
  readonly backlog: number;
  /** True when their gateway refuses connections. */
  readonly isUnreachable: boolean;
}

/** Runs the three measurements. */
export async function measureNeighbours(session: Session, { backlog, isUnreachable }: Backlog) {
  const { stack, folder } = await step('Quittance', () => startStack(session));
  const gateway = await startSilentGateway();
  const seed = (name: string, options = {}) =>
    seedMerchant(stack, join(folder, `${name}.json`), options);
  const measured = await seed('measured');
  const flood = await seed('flood', isUnreachable ? { 'base-url': CLOSED_PORT } : {});
  const silent = await seed('silent', { 'base-url': gateway.url });
  const control = new SandboxControl(stack.urls.sandbox);
  for (const script of ACQUIRER_SCRIPTS) await control.acquirer(script);
  await control.fault({ fault: 'delay_ms', ms: GATEWAY_MS, times: 1_000_000 });
  const figures = (tag: string) => measure(stack, measured, tag);
  await step('warm-up', () => measure(stack, measured, 'warm', WARM_UP));
  const alone = await step('alone', () => figures('alone'));
  let isMeasured = false;
  const calls = sendEvery(stack, silent, {
    tag: 'silent',
    everyMs: SILENT_EVERY_MS,
    isOver: () => isMeasured,
  });
  const beside_silent = await step('beside a silent gateway', () => figures('beside-silent'));
  isMeasured = true;
  await calls;
  gateway.close();
  const { merchant } = silent;
  await operate(stack.setup, [
    ['terminals', 'pause', 'main', `--merchant=${merchant}`, '--reason=measured'],
  ]);
  const beside_backlog = await step('beside a backlog', async (say) => {
    say(`${backlog} payments`);
    // Without a worker meanwhile, so that the whole backlog is in front of the measured payments.
    await stack.process('worker')?.stop();
    await sendBatch(stack, flood, backlog);
    stack.launch('worker');
    await stack.untilReady('worker');
    await untilDelivered(stack, backlog);
    // The code of the new process is not compiled yet.
    await measure(stack, measured, 'warm-again', WARM_UP);
    return { ...(await figures('beside-backlog')), queued_at_end: await countQueued(stack) };
  });
  const ratio = (other: { p95_ms: number }) => rounded(other.p95_ms / alone.p95_ms, 2);
  return {
    backlog,
    alone,
    beside_silent: { ...beside_silent, p95_ratio: ratio(beside_silent) },
    beside_backlog: { ...beside_backlog, p95_ratio: ratio(beside_backlog) },
  };
}
