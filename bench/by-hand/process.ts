// Shared by the processes of every contestant written by hand: their settings, and one way to use
// Postgres, the queues and the gateway.
import type { HttpReply } from '@quittance/gateway-protocol';
import { Queue, Worker } from 'bullmq';
import pg from 'pg';
import { Pool } from 'undici';
import type { Role } from '../contestant.js';
import type { CreateCall } from '../load/payment.js';
import type { Settings } from '../processes.js';

type Subject = 'payments' | 'events';

/** Payments and events in flight at once in a process: enough to use both processors fully. */
const CONCURRENCY = 64;
/** Enough for Postgres to combine the commits of many single-row statements into one flush. */
const CONNECTIONS = 16;
const REPLY_LIMIT_MS = 10_000;
const LIMITS = { headersTimeout: REPLY_LIMIT_MS, bodyTimeout: REPLY_LIMIT_MS };

export const settings = JSON.parse(process.env['SETTINGS'] ?? '') as Settings;
export const database = new pg.Pool({ connectionString: settings.databaseUrl, max: CONNECTIONS });
const gateway = new Pool(settings.gatewayUrl, { connections: CONCURRENCY, ...LIMITS });
const connection = { url: settings.redisUrl };
const queueName = (subject: Subject) => `${settings.contestant}-${subject}`;
let statements = 0;

/**
 * A statement that Postgres prepares once per connection. Its parameters have names, such as
 * `$amount`, and are read from the object it is called with; one that is missing there is NULL.
 */
export function statement(text: string) {
  const names = [...new Set(text.match(/(?<=\$)[a-z]\w*/g))];
  const numbered = text.replaceAll(/\$([a-z]\w*)/g, (_, name) => `$${names.indexOf(name) + 1}`);
  const query = { name: `statement-${(statements += 1)}`, text: numbered };
  return <T extends pg.QueryResultRow>(row: object, client: pg.Pool | pg.ClientBase = database) => {
    const parameters = row as Readonly<Record<string, unknown>>;
    return client.query<T>({ ...query, values: names.map((name) => parameters[name]) });
  };
}

/** Writes an error to the log. */
export const report = (error: Error): boolean => process.stderr.write(`${error.message}\n`);

/** A queue to add jobs to. */
export const openQueue = (subject: Subject): Queue => new Queue(queueName(subject), { connection });

/** Consumes a queue. A job whose handler rejects fails, and is retried if it was added that way. */
export async function consume(subject: Subject, handle: (data: never) => Promise<void>) {
  const options = { connection, concurrency: CONCURRENCY };
  const worker = new Worker<never>(queueName(subject), ({ data }) => handle(data), options);
  worker.on('error', report).on('failed', (_, error) => report(error));
  await worker.waitUntilReady();
}

/** Sends a create call to the gateway. Rejects with undici's error if there is no reply. */
export async function send(call: CreateCall): Promise<HttpReply> {
  const { statusCode: httpStatus, body } = await gateway.request(call);
  return { httpStatus, body: await body.text() };
}

/** Plays the role of this process, and reports to the bench once it is at work. */
export async function play(roles: Readonly<Record<Role, () => Promise<void>>>): Promise<void> {
  process.on('disconnect', () => process.exit());
  await roles[settings.role]();
  process.send?.('ready');
}
