// Relays committed messages to the queues. A message is a row first; the process that commits one
// wakes its own relay, and a sweeper in the worker relays the rows that a dead process left behind.
// The order to submit a payment also leaves directly after its commit: then the row is the net.
import {
  batchSpan,
  crashPoint,
  inSpan,
  type Logger,
  PeriodicTask,
  within,
} from '@quittance/platform';
import { inTransaction } from '@quittance/postgres';
import type { Pool, PoolClient } from 'pg';
import { publicStatusOf } from './refunds/refund-row.js';

/**
 * One transition of one payment, or with `refund` of that refund, on its way to the order domain;
 * with a `lane`, also the order to submit the payment.
 */
export interface OutboxMessage {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly sequence: number;
  /** Of the payment or the refund; snake_case, as in the public contract. */
  readonly status: string;
  readonly previousStatus: string | null;
  readonly cause: string;
  readonly at: Date;
  /**
   * The JSON text of the payment_intent right after its transition or during that of the refund.
   */
  readonly snapshot: string;
  /** The refund's id, and its JSON text right after its transition. */
  readonly refund?: { readonly id: string; readonly snapshot: string } | undefined;
  readonly lane: string | null;
  /** The trace of the payment (W3C Trace Context); null without one. */
  readonly traceparent: string | null;
}

/** The order to submit a payment. */
export type PaymentOrder = Pick<
  OutboxMessage,
  'paymentId' | 'merchantId' | 'sequence' | 'lane' | 'at'
>;

/** The order to submit a refund. */
export interface RefundOrder {
  readonly refundId: string;
  readonly merchantId: string;
  /** The refund's version that the order belongs to. */
  readonly version: number;
  readonly at: Date;
}

/**
 * Publishes messages to queues. Must be idempotent per message: a batch whose commit fails is
 * published again.
 */
export type PublishMessages = (
  messages: readonly OutboxMessage[],
  refundOrders: readonly RefundOrder[],
) => Promise<void>;

/** The size of a batch: small enough to publish within a fraction of a second. */
const BATCH_MAX = 200;
/**
 * The rows are locked meanwhile. Shorter than Postgres's own limit for an idle transaction, so that
 * this process gives up first; whatever it still publishes afterwards is published again with the
 * rows.
 */
const PUBLISHED_WITHIN_MS = 4_000;
/**
 * The interval at which rows without a relay of their own are sought; also the pause after Redis
 * was unavailable.
 */
const SWEEP_EVERY_MS = 1_000;
/**
 * Messages of this time travel together: three statements, and a job per subscriber, for all. No
 * caller waits for an event. The orders of new payments do not wait for the relay (`AfterCommit`).
 */
const GATHER_MS = 50;

/**
 * The rows disappear exactly when the transaction commits: if the process dies while publishing,
 * they are still there. A payment that has moved on needs no order any more.
 */
export const TAKE = {
  name: 'outbox_take',
  text: `
WITH taken AS (
  DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED))
  RETURNING id, payment_id, sequence, lane, refund_id, created_at, traceparent
)
SELECT t.payment_id, COALESCE(e.merchant_id, (SELECT p.merchant_id FROM payment_intents p WHERE p.id = t.payment_id)) AS merchant_id,
  t.sequence, CASE WHEN t.lane IS NOT NULL THEN
    (SELECT t.lane FROM payment_intents p WHERE p.id = t.payment_id AND p.version = t.sequence) END AS lane, t.refund_id, t.traceparent, e.snapshot::text, r.snapshot::text AS refund_snapshot,
  COALESCE(r.status::text, e.status::text) AS status,
  CASE WHEN r.refund_id IS NULL THEN e.previous_status::text ELSE r.previous_status::text END AS previous_status,
  COALESCE(r.cause, e.cause) AS cause, COALESCE(r.created_at, e.created_at, t.created_at) AS created_at
FROM taken t
  LEFT JOIN refund_events r ON r.refund_id = t.refund_id AND r.sequence = t.sequence
  LEFT JOIN payment_events e ON e.payment_id = t.payment_id
    AND e.sequence = CASE WHEN t.refund_id IS NULL THEN t.sequence ELSE r.payment_version END
WHERE t.refund_id IS NOT NULL OR e.payment_id IS NOT NULL
ORDER BY t.id`,
};

/** A row that a message is made of. */
export interface MessageRow {
  /** Null for a transition of a payment. */
  readonly refund_id: string | null;
  readonly payment_id: string;
  readonly merchant_id: string;
  readonly sequence: number;
  readonly lane: string | null;
  readonly status: string;
  readonly previous_status: string | null;
  readonly cause: string;
  /** Null, as the other columns, for a refund's event from before refunds were published. */
  readonly snapshot: string | null;
  readonly refund_snapshot: string | null;
  readonly traceparent: string | null;
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
      gatherMs: GATHER_MS,
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

  /** Wakes the relay. Call it after every commit that wrote a message. */
  poke(): void {
    this.#loop.poke();
  }

  /**
   * Relays one batch. Returns `'again'` if it was full. Rejects, with nothing lost, when Redis or
   * Postgres is unavailable. The deletion does not wait for the disk: if a crash of Postgres brings
   * the rows back, their messages are published again.
   */
  async relayBatch(): Promise<'again' | undefined> {
    const relay = (client: PoolClient) => this.#relayWith(client);
    const count = await inTransaction(this.#pool, relay, { isDurable: false });
    if (count > 0) crashPoint('relay.after-commit');
    return count === BATCH_MAX ? 'again' : undefined;
  }

  /** Resolves with the number of rows. */
  async #relayWith(client: PoolClient): Promise<number> {
    const { rows } = await client.query<MessageRow>({ ...TAKE, values: [BATCH_MAX] });
    if (rows.length > 0) {
      crashPoint('relay.before-publish');
      const span = batchSpan(
        'producer',
        rows.map(({ traceparent }) => traceparent),
      );
      const published = () => this.#publish(messagesIn(rows), refundOrdersIn(rows));
      await inSpan('outbox.relay', span, () => within(PUBLISHED_WITHIN_MS, published()));
      crashPoint('relay.before-commit');
    }
    return rows.length;
  }
}

/** Returns the messages of the rows that have an event. */
export function messagesIn(rows: readonly MessageRow[]): OutboxMessage[] {
  return rows.flatMap((row) => (row.snapshot === null ? [] : [messageOf(row, row.snapshot)]));
}

/** The first transition of a refund is also the order to submit it. */
function refundOrdersIn(rows: readonly MessageRow[]): RefundOrder[] {
  return rows.flatMap(
    ({ refund_id: refundId, merchant_id: merchantId, sequence, created_at: at }) =>
      refundId === null || sequence > 1 ? [] : [{ refundId, merchantId, version: sequence, at }],
  );
}

function messageOf(row: MessageRow, snapshot: string): OutboxMessage {
  const { refund_id: id, refund_snapshot: ofRefund, status, previous_status: previous } = row;
  const isRefund = id !== null && ofRefund !== null;
  return {
    paymentId: row.payment_id,
    merchantId: row.merchant_id,
    sequence: row.sequence,
    lane: row.lane,
    traceparent: row.traceparent,
    status: isRefund ? publicStatusOf(status) : status,
    previousStatus: isRefund && previous !== null ? publicStatusOf(previous) : previous,
    cause: row.cause,
    snapshot,
    refund: isRefund ? { id, snapshot: ofRefund } : undefined,
    at: row.created_at,
  };
}
