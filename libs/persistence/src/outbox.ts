// The way from a commit to the queues. Messages are rows first; whoever commits one pokes its own relay, and a sweeper in the
// worker takes what a dead process left behind.
import { crashPoint, type Logger, type Metrics, PeriodicTask } from '@quittance/platform';
import type { Pool, PoolClient } from 'pg';

/** One move of one payment, on its way to the order domain; with a `lane`, also an order to submit it. */
export interface OutboxMessage {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly sequence: number;
  /** snake_case, as in the public contract. */
  readonly status: string;
  readonly previousStatus: string | null;
  readonly cause: string;
  readonly at: Date;
  /** JSON text of the payment_intent as it was right after the move. */
  readonly snapshot: string;
  readonly lane: string | null;
}

/** Puts messages into queues. Must be idempotent per message: a batch whose commit fails is published again. */
export type PublishMessages = (messages: readonly OutboxMessage[]) => Promise<void>;

/** What one transaction relays: small enough to publish within a fraction of a second. */
const BATCH_MAX = 200;
/** How often rows are looked for that no process of its own relays; also the pause after Redis was away. */
const SWEEP_EVERY_MS = 1_000;
/** Under load, messages of this long travel together: three statements, and a job per subscriber, for all of them. */
const PASSES_APART_MS = 20;

/** The rows are gone when, and only when, the transaction commits: if we die while publishing, they are still there. */
const TAKE = {
  name: 'outbox_take',
  text: `
WITH taken AS (
  DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING id, payment_id, sequence, lane
)
SELECT t.payment_id, e.merchant_id, t.sequence, t.lane, e.status, e.previous_status, e.cause, e.snapshot::text, e.created_at
FROM taken t JOIN payment_events e USING (payment_id, sequence) ORDER BY t.id`,
};

interface MessageRow {
  readonly payment_id: string;
  readonly merchant_id: string;
  readonly sequence: number;
  readonly lane: string | null;
  readonly status: string;
  readonly previous_status: string | null;
  readonly cause: string;
  readonly snapshot: string;
  readonly created_at: Date;
}

export class OutboxRelay {
  readonly #pool: Pool;
  readonly #publish: PublishMessages;
  readonly #loop: PeriodicTask;

  constructor(pool: Pool, publish: PublishMessages, log: Logger) {
    this.#pool = pool;
    this.#publish = publish;
    this.#loop = new PeriodicTask({
      name: 'outbox relay',
      everyMs: SWEEP_EVERY_MS,
      apartMs: PASSES_APART_MS,
      run: () => this.relayBatch(),
      log,
    });
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Call after every commit that wrote a message. */
  poke(): void {
    this.#loop.poke();
  }

  /** Relays one batch; `'again'` when it was full. Rejects, with nothing lost, when Redis or Postgres is away. */
  async relayBatch(): Promise<'again' | undefined> {
    const client = await this.#pool.connect();
    let failure: Error | undefined;
    try {
      return await this.#relayWith(client);
    } catch (error) {
      failure = error instanceof Error ? error : new Error('relay failed');
      throw error;
    } finally {
      // A connection whose transaction failed is closed, not reused: that also rolls it back.
      client.release(failure);
    }
  }

  async #relayWith(client: PoolClient): Promise<'again' | undefined> {
    await client.query('BEGIN');
    const { rows } = await client.query<MessageRow>({ ...TAKE, values: [BATCH_MAX] });
    if (rows.length > 0) {
      crashPoint('relay.before-publish');
      await this.#publish(rows.map(messageOf));
      crashPoint('relay.before-commit');
    }
    await client.query('COMMIT');
    if (rows.length > 0) crashPoint('relay.after-commit');
    return rows.length === BATCH_MAX ? 'again' : undefined;
  }
}

function messageOf(row: MessageRow): OutboxMessage {
  return {
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    sequence: row.sequence,
    lane: row.lane,
    status: row.status,
    previousStatus: row.previous_status,
    cause: row.cause,
    snapshot: row.snapshot,
    at: row.created_at,
  };
}

/** Gauges of what waits in the outbox and of payments in doubt. For one process of the deployment: they are the database's, not the process's. */
export function observeBacklog(pool: Pool, metrics: Metrics): void {
  metrics.gauge({
    name: 'outbox_lag_seconds',
    help: 'Age of the oldest committed message that is not in Redis yet; 0 when there is none.',
    collect: (gauge) => measure(gauge, pool, OLDEST_MESSAGE),
  });
  metrics.gauge({
    name: 'payments_in_doubt',
    help: 'Payments of which we do not know whether the gateway has them.',
    collect: (gauge) => measure(gauge, pool, IN_DOUBT),
  });
}

const OLDEST_MESSAGE = `
SELECT COALESCE(EXTRACT(EPOCH FROM now() - min(created_at)), 0)::float8 AS value
FROM (SELECT created_at FROM outbox ORDER BY id LIMIT 1) oldest`;
const IN_DOUBT = `SELECT count(*)::float8 AS value FROM payment_intents WHERE status = 'in_doubt'`;

/** While Postgres is away the gauge is absent, and the rest of the scrape works: a wrong zero would look like health. */
async function measure(
  gauge: { set(value: number): void; remove(): void },
  pool: Pool,
  sql: string,
): Promise<void> {
  try {
    gauge.set(await scalar(pool, sql));
  } catch {
    gauge.remove();
  }
}

async function scalar(pool: Pool, sql: string): Promise<number> {
  const { rows } = await pool.query<{ value: number }>(sql);
  return Math.max(0, rows[0]?.value ?? 0);
}
