// Postgres's record of Redis: the run of Redis that was last seen, and the time before which every
// event is known to be handled. With both, queues that Redis lost are refilled from the events.
// SQL: each part of a refill is one statement over a whole table.
import { inTransaction, queryWithLimit } from '@quittance/postgres';
import type { Pool, PoolClient } from 'pg';

/** The record; `undefined` at the very first start. */
export interface RememberedQueues {
  readonly redisRunId: string;
  /** Every subscriber has handled every event committed before this. */
  readonly deliveredBefore: Date;
}

/**
 * Events are republished from a little earlier than needed: clocks differ, and subscribers drop
 * repeats.
 */
const OVERLAP_MS = 60_000;

/**
 * A hundred thousand open payments take seconds, millions minutes; a refill that is cut off would
 * start again for ever.
 */
const REFILL_LIMIT_MS = 900_000;

/** The numbers of messages that returned to the queues. */
export interface Refilled {
  readonly events: number;
  readonly submissions: number;
  readonly refunds: number;
}

interface WatchRow {
  readonly redis_run_id: string;
  readonly delivered_before: Date;
}

export class QueueWatch {
  constructor(private readonly pool: Pool) {}

  async recall(): Promise<RememberedQueues | undefined> {
    const { rows } = await this.pool.query<WatchRow>('SELECT * FROM queue_watch');
    const row = rows[0];
    return row && { redisRunId: row.redis_run_id, deliveredBefore: row.delivered_before };
  }

  /**
   * Stores that all events before `deliveredBefore` are handled, if Redis is still the known one.
   */
  async noteDelivered({ redisRunId, deliveredBefore }: RememberedQueues): Promise<void> {
    await this.pool.query(
      `UPDATE queue_watch SET delivered_before = $2 WHERE redis_run_id = $1 AND delivered_before < $2`,
      [redisRunId, deliveredBefore],
    );
  }

  /**
   * Refills the queues after Redis `redisRunId` was found without them: every event that may not
   * have been handled returns to the outbox, and every queued payment and refund becomes due now.
   * Resolves with the numbers of each.
   */
  refill(redisRunId: string, now: Date): Promise<Refilled> {
    return inTransaction(this.pool, (client) => refillWith(client, redisRunId, now));
  }
}

async function refillWith(client: PoolClient, redisRunId: string, now: Date): Promise<Refilled> {
  await client.query(`SET LOCAL statement_timeout = ${REFILL_LIMIT_MS}`);
  const run = <Row extends object>(text: string, values: unknown[] = []) =>
    client.query<Row>(queryWithLimit(REFILL_LIMIT_MS, text, values));
  // If several workers notice at once, the others wait here and then find nothing left to do.
  await run(
    `INSERT INTO queue_watch (redis_run_id, delivered_before) VALUES ($1, $2) ON CONFLICT (only_row) DO NOTHING`,
    [redisRunId, now],
  );
  const { rows } = await run<WatchRow>('SELECT * FROM queue_watch FOR UPDATE');
  const since = new Date((rows[0]?.delivered_before ?? now).getTime() - OVERLAP_MS);
  const events = await run(
    `INSERT INTO outbox (payment_id, sequence, created_at, traceparent)
     SELECT e.payment_id, e.sequence, $2, p.traceparent FROM payment_events e JOIN payment_intents p ON p.id = e.payment_id
     WHERE e.created_at >= $1 ORDER BY e.created_at, e.payment_id, e.sequence`,
    [since, now],
  );
  const refundEvents = await run(
    `INSERT INTO outbox (payment_id, sequence, refund_id, created_at, traceparent)
     SELECT e.payment_id, e.sequence, e.refund_id, $2, p.traceparent
     FROM refund_events e JOIN payment_intents p ON p.id = e.payment_id
     WHERE e.created_at >= $1 AND e.snapshot IS NOT NULL ORDER BY e.created_at, e.refund_id, e.sequence`,
    [since, now],
  );
  const submissions = await run(
    `UPDATE payment_intents SET next_step_at = $1 WHERE id = ANY (ARRAY(
       SELECT id FROM payment_intents WHERE status = 'queued' AND next_step_at > $1 AND epoch = 0
       ORDER BY id FOR NO KEY UPDATE))`,
    [now],
  );
  const refunds = await run(
    `UPDATE refunds SET next_step_at = $1 WHERE status = 'queued' AND next_step_at > $1 AND epoch = 0`,
    [now],
  );
  await client.query('UPDATE queue_watch SET redis_run_id = $1', [redisRunId]);
  return {
    events: (events.rowCount ?? 0) + (refundEvents.rowCount ?? 0),
    submissions: submissions.rowCount ?? 0,
    refunds: refunds.rowCount ?? 0,
  };
}
