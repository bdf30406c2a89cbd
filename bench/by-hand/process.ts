// Shared by the processes of every contestant written by hand: settings from the environment, and
// one way to use Postgres and the queues.
import { Queue, Worker, type Job } from 'bullmq';
import pg from 'pg';
import type { GatewayTerminal } from './gateway-wire.js';

/** Payments and events in flight at once in a process: enough to use both processors fully. */
export const CONCURRENCY = 64;
/** Enough for Postgres to combine the commits of many single-row statements into one flush. */
const DATABASE_CONNECTIONS = 16;

const setting = (name: string): string => process.env[name] ?? '';

export const settings = {
  port: Number(setting('PORT')),
  authorization: `Bearer ${setting('API_KEY')}`,
  callbackUrl: setting('CALLBACK_URL'),
  gatewayUrl: setting('GATEWAY_URL'),
  /** The process's key set of `@quittance/vault`, for a contestant that encrypts cards. */
  keySet: setting('KEY_SET'),
  terminal: JSON.parse(setting('TERMINAL')) as GatewayTerminal,
};

const connectionString = setting('DATABASE_URL');
export const database = new pg.Pool({ connectionString, max: DATABASE_CONNECTIONS });
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

/** The contestants share one Redis, so each prefixes its queues with its name. */
const queueName = (subject: 'payments' | 'events') => `${setting('CONTESTANT')}-${subject}`;
const connection = { url: setting('REDIS_URL') };
const report = (error: Error) => process.stderr.write(`${error.message}\n`);

/** Opens a queue to add jobs to it. */
export async function openQueue(subject: 'payments' | 'events'): Promise<Queue> {
  const queue = new Queue(queueName(subject), { connection });
  await queue.waitUntilReady();
  return queue;
}

/** Consumes a queue. A job whose handler rejects fails, and is retried if it was added that way. */
export async function consume<T>(
  subject: 'payments' | 'events',
  handle: (job: Job<T>) => Promise<void>,
): Promise<void> {
  const options = { connection, concurrency: CONCURRENCY };
  const worker = new Worker<T>(queueName(subject), handle, options);
  worker.on('error', report).on('failed', (_, error) => report(error));
  await worker.waitUntilReady();
}

/** Reports to the bench that this process is at work. */
export const announceReady = (): boolean => process.stdout.write('ready\n');
