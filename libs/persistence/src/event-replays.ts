// Replays of all events of a span of time. An operator's request is a row; the worker walks through
// the span in the order of time and stores its position with each batch, so that a replay is
// bounded at every moment, survives every process, and repeats at most one batch. SQL: the walk
// reads by time, which both tables of events have a block range index for.
import { inTransaction } from '@quittance/postgres';
import type { Pool, PoolClient } from 'pg';
import { messagesIn, type MessageRow, type OutboxMessage } from './outbox.js';
import type { PrismaService, PrismaTransaction } from './prisma.service.js';

/** The events from an instant on and before another one. */
export interface ReplayedSpan {
  readonly from: Date;
  readonly until: Date;
}

/** A replay that an operator requested; without a subscriber it is for all. */
export type EventReplay = Awaited<ReturnType<typeof listEventReplays>>[number];

/** Stores the request in the transaction of its audit row. */
export async function insertEventReplay(
  tx: PrismaTransaction,
  replay: ReplayedSpan & {
    readonly id: string;
    readonly subscriber: string | null;
    readonly requestedBy: string;
    readonly requestedAt: Date;
  },
): Promise<void> {
  const { from, until, ...rest } = replay;
  await tx.eventReplay.create({
    data: { ...rest, fromAt: from, untilAt: until, reachedAt: from },
    select: { id: true },
  });
}

/** Returns the newest replays first. */
export function listEventReplays(prisma: PrismaService, limit: number) {
  return prisma.eventReplay.findMany({
    omit: { reachedSubject: true, reachedSequence: true },
    orderBy: { id: 'desc' },
    take: limit,
  });
}

/** Publishes a batch to one subscriber, or with null to all. It may get a batch a second time. */
export type PublishReplayed = (
  messages: readonly OutboxMessage[],
  subscriber: string | null,
) => Promise<void>;

/** The result of a batch. */
export interface ReplayedBatch {
  readonly id: string;
  readonly events: number;
  /** True when the walk is at the end of its span. */
  readonly isOver: boolean;
}

/** The part of a walk to read next. */
export interface ReplayStep {
  /** The subscribers that can be published to; replays for others wait. */
  readonly subscribers: readonly string[];
  /** The time that a batch reads at most, in milliseconds, so that sorting it stays cheap. */
  readonly widthMs: number;
  readonly limit: number;
}

interface ReplayRow {
  readonly id: string;
  readonly subscriber: string | null;
  readonly until_at: Date;
  readonly reached_at: Date;
  readonly reached_subject: string;
  readonly reached_sequence: number;
}

/** One worker at a time walks through a replay. */
const NEXT = `
SELECT id, subscriber, until_at, reached_at, reached_subject, reached_sequence FROM event_replays
WHERE ended_at IS NULL AND (subscriber IS NULL OR subscriber = ANY ($1))
ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED`;

/** $1, $3 and $4 are the position, $2 is the end of the batch, $5 the most events. */
const EVENTS = `
SELECT * FROM (
  (SELECT e.payment_id AS subject, e.payment_id, e.merchant_id, e.sequence, NULL AS lane, NULL AS refund_id,
    e.status::text, e.previous_status::text, e.cause::text, e.snapshot::text, NULL AS refund_snapshot,
    (SELECT p.traceparent FROM payment_intents p WHERE p.id = e.payment_id) AS traceparent, e.created_at
  FROM payment_events e
  WHERE e.created_at >= $1 AND e.created_at < $2 AND (e.created_at, e.payment_id, e.sequence) > ($1, $3, $4)
  ORDER BY e.created_at, e.payment_id, e.sequence LIMIT $5)
  UNION ALL
  (SELECT r.refund_id, r.payment_id, r.merchant_id, r.sequence, NULL, r.refund_id,
    r.status::text, r.previous_status::text, r.cause::text, e.snapshot::text, r.snapshot::text,
    (SELECT p.traceparent FROM payment_intents p WHERE p.id = r.payment_id), r.created_at
  FROM refund_events r JOIN payment_events e ON e.payment_id = r.payment_id AND e.sequence = r.payment_version
  WHERE r.created_at >= $1 AND r.created_at < $2 AND (r.created_at, r.refund_id, r.sequence) > ($1, $3, $4)
    AND r.snapshot IS NOT NULL
  ORDER BY r.created_at, r.refund_id, r.sequence LIMIT $5)
) both_kinds
ORDER BY created_at, subject, sequence LIMIT $5`;

const REACHED = `
UPDATE event_replays SET reached_at = $2, reached_subject = $3, reached_sequence = $4, replayed = replayed + $5,
  ended_at = CASE WHEN $6 THEN now() END
WHERE id = $1`;

const COUNT = `
SELECT (SELECT count(*) FROM (
    SELECT FROM payment_events WHERE created_at >= $1 AND created_at < $2 LIMIT $3) e)::integer
  + (SELECT count(*) FROM (
    SELECT FROM refund_events WHERE created_at >= $1 AND created_at < $2 AND snapshot IS NOT NULL LIMIT $3) r)::integer AS events`;

const TIME = `
SELECT created_at FROM payment_events WHERE payment_id = 'pi_' || $1 AND sequence = $2
UNION ALL SELECT created_at FROM refund_events WHERE refund_id = 're_' || $1 AND sequence = $2`;

export class EventReplays {
  constructor(private readonly pool: Pool) {}

  /** Counts the events of the span up to `max`, which stands for any larger number. */
  async count({ from, until }: ReplayedSpan, max: number): Promise<number> {
    const { rows } = await this.pool.query<{ events: number }>(COUNT, [from, until, max]);
    return Math.min(max, rows[0]?.events ?? 0);
  }

  /** Returns the time of the event `evt_…`; undefined if there is none. */
  async timeOf(eventId: string): Promise<Date | undefined> {
    const [, subject, sequence] = /^evt_([0-9a-z]{1,40})_(\d{1,9})$/.exec(eventId) ?? [];
    if (subject === undefined) return undefined;
    const { rows } = await this.pool.query<{ created_at: Date }>(TIME, [subject, sequence]);
    return rows[0]?.created_at;
  }

  /**
   * Publishes the next batch of the oldest open replay. Resolves with undefined if there is none.
   * Rejects, with the position unchanged, when publishing fails.
   */
  step(step: ReplayStep, publish: PublishReplayed): Promise<ReplayedBatch | undefined> {
    return inTransaction(this.pool, (client) => stepWith(client, step, publish));
  }
}

async function stepWith(
  client: PoolClient,
  { subscribers, widthMs, limit }: ReplayStep,
  publish: PublishReplayed,
): Promise<ReplayedBatch | undefined> {
  const { rows: open } = await client.query<ReplayRow>(NEXT, [subscribers]);
  const [replay] = open;
  if (!replay) return undefined;
  const { id, subscriber, until_at: until, reached_at: at } = replay;
  const end = new Date(Math.min(until.getTime(), at.getTime() + widthMs));
  const { rows } = await client.query<MessageRow & { readonly subject: string }>(EVENTS, [
    at,
    end,
    replay.reached_subject,
    replay.reached_sequence,
    limit,
  ]);
  if (rows.length > 0) await publish(messagesIn(rows), subscriber);
  const last = rows.length === limit ? rows.at(-1) : undefined;
  const reached = last ? [last.created_at, last.subject, last.sequence] : [end, '', 0];
  const isOver = !last && end.getTime() === until.getTime();
  await client.query(REACHED, [id, ...reached, rows.length, isOver]);
  return { id, events: rows.length, isOver };
}
