// Postgres's record of Redis: the run of Redis that was last seen, and the time before which every
// event is known to be handled. With both, queues that Redis lost are refilled from the events. In
// a Cluster each queue has a record of its own, because one primary can lose its queues alone.
// SQL: each part of a refill is one statement over a whole table.
import { inTransaction, queryWithLimit } from '@quittance/postgres';
import type { Pool, PoolClient } from 'pg';

/** The record; `undefined` at the very first start. */
export interface RememberedQueues {
  /** The run that was last seen, by queue; {@link ALL_QUEUES} stands for those of one Redis. */
  readonly runs: ReadonlyMap<string, string>;
  /** Every subscriber has handled every event committed before this. */
  readonly deliveredBefore: Date;
}

/** In place of a queue: all queues of a Redis that is no Cluster. */
export const ALL_QUEUES = '';

/** Queues that were lost, by what their jobs do. */
export interface LostQueues {
  /** The queue of one subscriber at least. */
  readonly events: boolean;
  readonly refunds: boolean;
  /** The lanes whose submissions were lost; null stands for all. */
  readonly lanes: readonly string[] | null;
}

const EVERYTHING: LostQueues = { events: true, refunds: true, lanes: null };

/** In place of the run of one Redis, which a Cluster has not. */
const CLUSTER = 'cluster';

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

interface WatchedRow {
  readonly queue: string;
  readonly redis_run_id: string;
}

export class QueueWatch {
  constructor(private readonly pool: Pool) {}

  async recall(): Promise<RememberedQueues | undefined> {
    const { rows } = await this.pool.query<WatchRow>('SELECT * FROM queue_watch');
    const [row] = rows;
    if (!row) return undefined;
    const { redis_run_id: runId, delivered_before: deliveredBefore } = row;
    if (runId !== CLUSTER) return { runs: new Map([[ALL_QUEUES, runId]]), deliveredBefore };
    const watched = await this.pool.query<WatchedRow>('SELECT * FROM watched_queues');
    const runs = watched.rows.map(({ queue, redis_run_id: run }) => [queue, run] as const);
    return { runs: new Map(runs), deliveredBefore };
  }

  /**
   * Stores that all events before `deliveredBefore` are handled, if Redis is still the known one.
   */
  async noteDelivered({ runs, deliveredBefore }: RememberedQueues): Promise<void> {
    await this.pool.query(
      `UPDATE queue_watch SET delivered_before = $2 WHERE redis_run_id = $1 AND delivered_before < $2`,
      [runs.get(ALL_QUEUES) ?? CLUSTER, deliveredBefore],
    );
  }

  /**
   * Refills the queues after Redis `redisRunId` was found without them: every event that may not
   * have been handled returns to the outbox, and every queued payment and refund becomes due now.
   * Resolves with the numbers of each.
   */
  refill(redisRunId: string, now: Date): Promise<Refilled> {
    return inTransaction(this.pool, (client) => refillWith(client, redisRunId, now, EVERYTHING));
  }

  /**
   * Refills the `lost` queues of a Cluster, whose primaries now have the given runs, as
   * {@link refill} does. A lost event of one subscriber returns to all, because the outbox has no
   * subscribers; the others drop it as a repeat.
   */
  refillQueues(runs: ReadonlyMap<string, string>, now: Date, lost: LostQueues): Promise<Refilled> {
    return inTransaction(this.pool, async (client) => {
      const refilled = await refillWith(client, CLUSTER, now, lost);
      await client.query(
        `INSERT INTO watched_queues SELECT * FROM unnest($1::text[], $2::text[])
         ON CONFLICT (queue) DO UPDATE SET redis_run_id = EXCLUDED.redis_run_id`,
        [[...runs.keys()], [...runs.values()]],
      );
      return refilled;
    });
  }
}

async function refillWith(
  client: PoolClient,
  redisRunId: string,
  now: Date,
  lost: LostQueues,
): Promise<Refilled> {
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
     WHERE e.created_at >= $1 AND $3 ORDER BY e.created_at, e.payment_id, e.sequence`,
    [since, now, lost.events],
  );
  const refundEvents = await run(
    `INSERT INTO outbox (payment_id, sequence, refund_id, created_at, traceparent)
     SELECT e.payment_id, e.sequence, e.refund_id, $2, p.traceparent
     FROM refund_events e JOIN payment_intents p ON p.id = e.payment_id
     WHERE e.created_at >= $1 AND $3 AND e.snapshot IS NOT NULL
     ORDER BY e.created_at, e.refund_id, e.sequence`,
    [since, now, lost.events],
  );
  const submissions = await run(
    `UPDATE payment_intents SET next_step_at = $1 WHERE id = ANY (ARRAY(
       SELECT id FROM payment_intents WHERE status = 'queued' AND next_step_at > $1 AND epoch = 0
         AND ($2::text[] IS NULL OR lane = ANY ($2))
       ORDER BY id FOR NO KEY UPDATE))`,
    [now, lost.lanes],
  );
  const refunds = await run(
    `UPDATE refunds SET next_step_at = $1 WHERE status = 'queued' AND next_step_at > $1 AND epoch = 0 AND $2`,
    [now, lost.refunds],
  );
  await client.query('UPDATE queue_watch SET redis_run_id = $1', [redisRunId]);
  return {
    events: (events.rowCount ?? 0) + (refundEvents.rowCount ?? 0),
    submissions: submissions.rowCount ?? 0,
    refunds: refunds.rowCount ?? 0,
  };
}
