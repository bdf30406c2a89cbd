// The events of a merchant, of its payments and its refunds, in an order that only grows at its
// end. Rows become visible when their transaction commits, which is not the order in which they
// were written. So rows are ordered by transaction, and those at and above the horizon, below which
// every transaction of this database has ended, are held back: a reader misses none. Retention
// deletes old rows, so the statement that reads a page also reads whether one after the cursor is
// gone (docs/adr/0058-a-cursor-whose-events-ended.md). SQL: Prisma does not support `xid8`.
import { publicRefundStatus, refundStatuses, refundStatusToWire } from '@quittance/payments';
import { publicStatusOf } from './refunds/refund-row.js';
import type { Reads } from './replica/reads.js';
import type { Queryable } from './replica/replica.js';

/** A position in the list: transaction, then payment or refund, then sequence. */
export interface EventPosition {
  /** A 64-bit transaction id, as decimal digits. */
  readonly tx: string;
  /** The id of the payment or refund. */
  readonly subject: string;
  readonly sequence: number;
}

/** The end of a page, from which its reader continues. */
export interface EventCursor extends EventPosition {
  /**
   * The number of deletions that the reader knows of: it does not expect the events that they
   * deleted. Null for a reader that begins and expects what is there.
   */
  readonly endings: string | null;
}

/** A stored event. */
export interface ListedEvent {
  readonly paymentId: string;
  readonly sequence: number;
  /** In the form of the wire, as are `previousStatus` and `cause`. */
  readonly status: string;
  readonly previousStatus: string | null;
  readonly cause: string;
  /** The payment_intent right after its transition, or during that of the refund. */
  readonly snapshot: object;
  /** The refund of an event of a refund. */
  readonly refund?: { readonly id: string; readonly snapshot: object };
  readonly at: Date;
}

/** The part of the list to read. */
export interface EventQuery {
  readonly after: EventCursor;
  readonly limit: number;
  /** Only transitions to these statuses; omitted: all. */
  readonly types?: EventTypes | undefined;
}

/** Statuses of payments, and public statuses of refunds, in the form of the wire. */
export interface EventTypes {
  readonly payments: readonly string[];
  readonly refunds: readonly string[];
}

/** A part of the list. */
export interface EventPage {
  readonly events: readonly ListedEvent[];
  /** The position up to which the list was read: `after` of the next part. */
  readonly end: EventCursor;
  /** False when the list was read to its end. */
  readonly hasMore: boolean;
  /**
   * True if an event after the cursor was deleted that its reader expects. There are no `events`
   * then, and `end` continues at the same place with those that are left.
   */
  readonly isGone: boolean;
}

/**
 * A statement of its own: the list must be read with a later snapshot, which sees all transactions
 * that had ended (ADR 20). Both on one server: a replica may be behind another one's horizon.
 */
const HORIZON = { name: 'events_horizon', text: 'SELECT events_horizon()::text AS horizon' };

/**
 * With wanted types, the events read for each one returned. A request costs the same however rare
 * its types are: it may return less than it could, and the position to continue from.
 */
const SCANNED_FOR_EACH = 10;

/**
 * Payments' events and refunds' events are each read in their order, and merged. $7 and $8 are the
 * wanted statuses of payments and refunds, or NULL; other events are returned as positions alone.
 * No output column may have a name of the order's columns: Postgres would sort by it, and
 * `tx::text` sorts 1000 before 999.
 *
 * $9 is the number of endings that the reader knows of. The greatest deleted position decides: it
 * is after the cursor if any is. Page and position need one snapshot: an older position could lack
 * the deletion of rows that the page lacks.
 */
export const LIST_EVENTS = {
  name: 'list_events',
  text: `
SELECT l.tx::text AS committed_by, l.subject AS of_subject, l.sequence AS of_sequence, l.payment_id, l.status,
  l.previous_status, l.cause, l.refund, l.payment, l.created_at, COALESCE(m.endings, 0)::text AS endings,
  COALESCE((m.tx, m.subject, m.sequence) > ($3::xid8, $4, $5) AND m.endings <> $9::bigint, false) AS is_gone
FROM (VALUES (1)) always LEFT JOIN ended_events m ON m.merchant_id = $1 LEFT JOIN (SELECT * FROM (
  (SELECT e.tx, e.payment_id AS subject, e.sequence, e.payment_id, e.status::text, e.previous_status::text, e.cause,
    NULL::json AS refund, CASE WHEN $7::text[] IS NULL OR e.status::text = ANY ($7) THEN e.snapshot END AS payment, e.created_at
  FROM payment_events e
  WHERE e.merchant_id = $1 AND e.tx < $2::xid8 AND (e.tx, e.payment_id, e.sequence) > ($3::xid8, $4, $5)
  ORDER BY e.tx, e.payment_id, e.sequence LIMIT $6)
  UNION ALL
  (SELECT r.tx, r.refund_id, r.sequence, r.payment_id, r.status::text, r.previous_status::text, r.cause, r.snapshot,
    CASE WHEN $8::text[] IS NULL OR r.status::text = ANY ($8)
      THEN (SELECT p.snapshot FROM payment_events p WHERE p.payment_id = r.payment_id AND p.sequence = r.payment_version) END,
    r.created_at
  FROM refund_events r
  WHERE r.merchant_id = $1 AND r.tx < $2::xid8 AND (r.tx, r.refund_id, r.sequence) > ($3::xid8, $4, $5)
  ORDER BY r.tx, r.refund_id, r.sequence LIMIT $6)
) both_kinds
ORDER BY tx, subject, sequence LIMIT $6) l ON true
ORDER BY l.tx, l.subject, l.sequence`,
};

/** Every row has these two. */
interface EndingsRow {
  readonly endings: string;
  readonly is_gone: boolean;
}

interface EventRow extends EndingsRow {
  readonly committed_by: string;
  readonly of_subject: string;
  readonly of_sequence: number;
  readonly payment_id: string;
  readonly status: string;
  readonly previous_status: string | null;
  readonly cause: string;
  /** Null for an event of a payment. */
  readonly refund: object | null;
  /** Null for an event of another type than the wanted ones. */
  readonly payment: object | null;
  readonly created_at: Date;
}

/** The only row of an empty page. */
interface EmptyRow extends EndingsRow {
  readonly committed_by: null;
}

export class EventList {
  constructor(private readonly reads: Reads) {}

  /**
   * Returns up to `limit` events of the merchant after `after`, oldest first. The newest ones may
   * be missing for a few seconds, and then come with a later page.
   */
  read(merchantId: string, query: EventQuery): Promise<EventPage> {
    const isCurrent = ({ isGone, end }: EventPage) => !isGone && knowsEndings(end, query.after);
    return this.reads.read((source) => readPage(source, merchantId, query), isCurrent);
  }

  /** The same, as the primary has it now. */
  readLatest(merchantId: string, query: EventQuery): Promise<EventPage> {
    return readPage(this.reads.primary, merchantId, query);
  }
}

/** False when a replica has not replayed a deletion that the reader of the cursor knows of. */
function knowsEndings(end: EventCursor, after: EventCursor): boolean {
  return BigInt(end.endings ?? 0) >= BigInt(after.endings ?? 0);
}

async function readPage(
  source: Queryable,
  merchantId: string,
  { after, limit, types }: EventQuery,
): Promise<EventPage> {
  const { rows: found } = await source.query<{ horizon: string }>(HORIZON);
  const { tx, subject, sequence, endings } = after;
  // One more row than requested shows whether there are more.
  const scanned = types ? limit * SCANNED_FOR_EACH : limit + 1;
  const wanted = [types?.payments ?? null, types ? storedStatuses(types.refunds) : null];
  // A list without events is one row without an event.
  const { rows: read } = await source.query<EventRow | EmptyRow>({
    ...LIST_EVENTS,
    values: [merchantId, found[0]?.horizon, tx, subject, sequence, scanned, ...wanted, endings],
  });
  const { endings: now = '0', is_gone: isGone = false } = read[0] ?? {};
  const from = { ...after, endings: now };
  if (isGone) return { events: [], end: from, hasMore: true, isGone };
  const rows = read.filter((row) => row.committed_by !== null);
  return pageOf(rows, { after: from, limit, isScanFull: rows.length === scanned });
}

function pageOf(
  rows: readonly EventRow[],
  { after, limit, isScanFull }: EventQuery & { readonly isScanFull: boolean },
): EventPage {
  const events: ListedEvent[] = [];
  let read = 0;
  for (const row of rows) {
    if (events.length === limit) break;
    if (row.payment) events.push(listedEvent(row, row.payment));
    read += 1;
  }
  const last = rows[read - 1];
  return {
    events,
    end: last ? { ...positionOf(last), endings: after.endings } : after,
    hasMore: read < rows.length || isScanFull,
    isGone: false,
  };
}

/** Several stored statuses of a refund look the same to callers. */
function storedStatuses(publicStatuses: readonly string[]): string[] {
  return refundStatuses
    .filter((status) => publicStatuses.includes(publicRefundStatus(status)))
    .map(refundStatusToWire);
}

function positionOf(row: EventRow): EventPosition {
  return { tx: row.committed_by, subject: row.of_subject, sequence: row.of_sequence };
}

function listedEvent(row: EventRow, snapshot: object): ListedEvent {
  const { refund, previous_status: previous } = row;
  const statusOf = refund ? publicStatusOf : (status: string) => status;
  return {
    paymentId: row.payment_id,
    sequence: row.of_sequence,
    status: statusOf(row.status),
    previousStatus: previous === null ? null : statusOf(previous),
    cause: row.cause,
    snapshot,
    ...(refund && { refund: { id: row.of_subject, snapshot: refund } }),
    at: row.created_at,
  };
}
