// Shared by the processes of every contestant written by hand: their settings, and one way to use
// Postgres, the queues and the gateway.
import { Queue, Worker, type Job } from 'bullmq';
import pg from 'pg';
import { gatewayWire, type GatewayTerminal } from './gateway-wire.js';

/** The settings of a process; its parent passes them as JSON in `SETTINGS`. */
export interface Settings {
  /** Prefixes the names of the queues, because the contestants share one Redis. */
  readonly contestant: string;
  readonly port: number;
  readonly apiKey: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly gatewayUrl: string;
  readonly callbackUrl: string;
  readonly terminal: GatewayTerminal;
  /** The process's key set of `@quittance/vault`, for a contestant that encrypts cards. */
  readonly keySet?: string;
}

/** Payments and events in flight at once in a process: enough to use both processors fully. */
export const CONCURRENCY = 64;
/** Enough for Postgres to combine the commits of many single-row statements into one flush. */
const DATABASE_CONNECTIONS = 16;

export const settings = JSON.parse(process.env['SETTINGS'] ?? '') as Settings;
export const wire = gatewayWire(settings.terminal);
export const database = new pg.Pool({
  connectionString: settings.databaseUrl,
  max: DATABASE_CONNECTIONS,
});
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

const queueName = (subject: 'payments' | 'events') => `${settings.contestant}-${subject}`;
const connection = { url: settings.redisUrl };

/** Writes an error to the log. */
export const report = (error: Error): boolean => process.stderr.write(`${error.message}\n`);

/** Opens a queue to add jobs to it. */
export async function openQueue(subject: 'payments' | 'events'): Promise<Queue> {
  const queue = new Queue(queueName(subject), { connection });
  await queue.waitUntilReady();
  return queue;
}

/** Reports to the bench that this process is at work. */
export const announceReady = (): boolean => process.stdout.write('ready\n');

/** Consumes a queue. A job whose handler rejects fails, and is retried if it was added that way. */
export async function consume<T>(
  subject: 'payments' | 'events',
  handle: (job: Job<T>) => Promise<void>,
): Promise<void> {
  const options = { connection, concurrency: CONCURRENCY };
  const worker = new Worker<T>(queueName(subject), handle, options);
  worker.on('error', report).on('failed', (_, error) => report(error));
  await worker.waitUntilReady();
  announceReady();
}
