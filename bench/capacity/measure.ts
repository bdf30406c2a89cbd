// The figures behind docs/capacity.md, for Quittance alone: what a payment costs each process and
// each server in CPU, what it leaves in Postgres, and what a waiting one occupies in Redis.
import { onDatabase } from '@quittance/databases';
import { Redis } from 'ioredis';
import { SandboxControl } from '../../test/chaos/sandbox-control.js';
import { eventually } from '../../test/support/eventually.js';
import { cpuMs, memoryMb } from '../../test/support/process-figures.js';
import type { Session } from '../../tools/processes/session.js';
import { step } from '../../tools/terminal/progress.mjs';
import type { MeasuredProcess } from '../contestant.js';
import { rounded } from '../figures.js';
import { offer } from '../load/offer.js';
import { ACQUIRER_SCRIPTS } from '../load/payment.js';
import type { BenchOptions } from '../options.js';
import { startQuittance } from '../quittance/contestant.js';
import { startServers, type Servers } from '../servers.js';

/** Figures by the name of a process, a table or a kind. */
type Figures = Readonly<Record<string, number>>;

export interface CapacityFigures {
  readonly payments: number;
  /** CPU milliseconds of a card payment with a callback, by process. */
  readonly cpuMs: Figures;
  /** Resident megabytes after the load, by process. */
  readonly memoryMb: Figures;
  /** Open connections at the end of the load; those to Redis by their purpose. */
  readonly postgresConnections: number;
  readonly redisConnections: Figures;
  /** Bytes of a finished payment in Postgres, indexes included, by table. */
  readonly storedBytes: Figures;
  /** Bytes of write-ahead log for a payment. */
  readonly walBytes: number;
  /** Bytes in Redis for a payment that waits for a worker, and for one event that waits. */
  readonly queuedBytes: Readonly<Record<'job' | 'event', number>>;
}

type Started = Awaited<ReturnType<typeof startQuittance>> & { readonly servers: Servers };

const SETTLING = { limitMs: 120_000, everyMs: 500 };
/** A payment that a callback ends has four events: queued, submitting, processing, succeeded. */
const EVENTS_OF_A_PAYMENT = 4;

const OPEN = `SELECT count(*)::int AS n FROM payment_intents WHERE status <> 'succeeded'`;
const UNRELAYED = 'SELECT count(*)::int AS n FROM outbox';
const HANDLED = 'SELECT count(*)::int AS n FROM event_inbox';
const TABLES = `
  SELECT relname AS name, pg_total_relation_size(oid)::float8 AS n FROM pg_class
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`;
const CONNECTIONS = `
  SELECT count(*)::int AS n FROM pg_stat_activity
  WHERE datname LIKE 'quittance%' AND pid <> pg_backend_pid()`;
const WAL = `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS n`;

interface Row {
  readonly name?: string;
  readonly n: number;
}

async function rowsOf(databaseUrl: string, text: string): Promise<readonly Row[]> {
  const { rows } = await onDatabase(databaseUrl, (client) => client.query<Row>(text));
  return rows;
}

const numberOf = async (databaseUrl: string, text: string) =>
  (await rowsOf(databaseUrl, text))[0]?.n ?? Number.NaN;

const figuresOf = (rows: readonly Row[], per = 1): Figures =>
  Object.fromEntries(rows.map(({ name = '', n }) => [name, rounded(n / per, 0)]));

/** Starts the stack on servers of its own and measures it. */
export async function measureCapacity(
  session: Session,
  { payments, connections, warmUp }: BenchOptions,
): Promise<CapacityFigures> {
  const servers = await startServers(session, false);
  const started = { ...(await startQuittance(session, servers)), servers };
  const control = new SandboxControl(started.gateway.url);
  for (const script of ACQUIRER_SCRIPTS) await control.acquirer(script);
  const pay = (tag: string, count: number) => offer(started.quittance, { tag, count, connections });
  const payAndSettle = async (tag: string, count: number) => {
    await Promise.race([pay(tag, count), started.quittance.ended]);
    await settled(started);
  };
  await step('warm-up', () => payAndSettle('warm', warmUp));
  const sizesBefore = await tableSizes(servers);
  const load = await step('load', () => measureLoad(started, payments, payAndSettle));
  const grown = [...(await tableSizes(servers))].map(([name, n]) => ({
    name,
    n: n - (sizesBefore.get(name) ?? 0),
  }));
  const queuedBytes = await step('queues', () => measureQueues(started, payments, pay));
  return {
    payments,
    ...load,
    storedBytes: figuresOf(
      grown.filter(({ n }) => n >= payments),
      payments,
    ),
    queuedBytes,
  };
}

/** The bytes of every table, those of the order domain with its name before theirs. */
async function tableSizes({ databaseUrl }: Servers): Promise<ReadonlyMap<string, number>> {
  const sizes = await rowsOf(databaseUrl('quittance'), TABLES);
  const ofOrders = await rowsOf(databaseUrl('quittance_orders'), TABLES);
  return new Map([
    ...sizes.map(({ name, n }) => [name ?? '', n] as const),
    ...ofOrders.map(({ name, n }) => [`orders: ${name}`, n] as const),
  ]);
}

/** Waits until every payment has ended, and the order domain has handled its events. */
async function settled({ servers }: Started): Promise<void> {
  const databaseUrl = servers.databaseUrl('quittance');
  const events = 'SELECT count(*)::int AS n FROM payment_events';
  await eventually(async () => {
    const open = await numberOf(databaseUrl, OPEN);
    const handled = await numberOf(servers.databaseUrl('quittance_orders'), HANDLED);
    const left = (await numberOf(databaseUrl, events)) - handled;
    if (open + left !== 0) throw new Error(`${open} payments are open, ${left} events unhandled`);
  }, SETTLING);
}

async function measureLoad(
  { quittance, servers }: Started,
  payments: number,
  pay: (tag: string, count: number) => Promise<void>,
) {
  const measured: readonly MeasuredProcess[] = [
    ...quittance.processes,
    { name: 'postgres', pid: servers.postgres.pid, family: true },
    { name: 'redis', pid: servers.redis.pid },
  ];
  const databaseUrl = servers.databaseUrl('quittance');
  const walBefore = await numberOf(databaseUrl, WAL);
  const cpuBefore = measured.map((one) => cpuMs(one.pid, one));
  await pay('load', payments);
  const cpu = measured.map((one, at) => cpuMs(one.pid, one) - (cpuBefore[at] ?? 0));
  const wal = (await numberOf(databaseUrl, WAL)) - walBefore;
  const byName = (figure: (one: MeasuredProcess, at: number) => number): Figures =>
    Object.fromEntries(measured.map((one, at) => [one.name, figure(one, at)]));
  return {
    cpuMs: byName((_one, at) => rounded((cpu[at] ?? 0) / payments, 2)),
    memoryMb: byName((one) => rounded(memoryMb(one.pid, one).now, 0)),
    postgresConnections: await numberOf(databaseUrl, CONNECTIONS),
    redisConnections: await onRedis(servers, connectionsOf),
    walBytes: rounded(wal / payments, 0),
  };
}

/** Stops the consumers in turn, so that jobs and events wait in Redis. */
async function measureQueues(
  { stack, servers }: Started,
  count: number,
  pay: (tag: string, count: number) => Promise<unknown>,
): Promise<CapacityFigures['queuedBytes']> {
  const databaseUrl = servers.databaseUrl('quittance');
  await stack.process('worker')?.stop();
  const empty = await onRedis(servers, usedMemory);
  await pay('queued', count);
  const relayed = async () => {
    if ((await numberOf(databaseUrl, UNRELAYED)) > 0) throw new Error('messages are not relayed');
  };
  const handled = async () => {
    const events = await numberOf(databaseUrl, 'SELECT count(*)::int AS n FROM payment_events');
    const inInbox = await numberOf(servers.databaseUrl('quittance_orders'), HANDLED);
    if (events > inInbox) throw new Error(`${events - inInbox} events are not handled`);
  };
  await eventually(relayed, SETTLING);
  await eventually(handled, SETTLING);
  const withJobs = await onRedis(servers, usedMemory);
  await stack.process('orders')?.stop();
  stack.launch('worker');
  await stack.untilReady('worker');
  await eventually(async () => {
    if ((await numberOf(databaseUrl, OPEN)) > 0) throw new Error('payments are open');
    await relayed();
  }, SETTLING);
  const withEvents = await onRedis(servers, usedMemory);
  const waitingEvents = (EVENTS_OF_A_PAYMENT - 1) * count;
  return {
    job: rounded((withJobs - empty) / count, 0),
    event: rounded((withEvents - empty) / waitingEvents, 0),
  };
}

async function onRedis<T>({ redis }: Servers, read: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url);
  try {
    return await read(client);
  } finally {
    client.disconnect();
  }
}

async function usedMemory(client: Redis): Promise<number> {
  const [, bytes] = /^used_memory:(\d+)/m.exec(await client.info('memory')) ?? [];
  return Number(bytes);
}

/** Connections by the role that their process gave them. */
async function connectionsOf(client: Redis): Promise<Figures> {
  const list = String(await client.call('CLIENT', 'LIST'));
  const counts: Record<string, number> = {};
  for (const [, name = ''] of list.matchAll(/ name=quittance-(\S+)/g))
    counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
