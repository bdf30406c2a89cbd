// Searches Postgres for violations of the invariants. The constraints should have rejected all of
// them, but a person with psql, a restored backup or a bug of ours may have bypassed them. Reads
// only, a slice of payments at a time, each slice in one snapshot: one statement of SQL.
import type { Pool } from 'pg';
import { IS_WATCHED } from './due-kinds.js';
import { verifyAuditTail } from './audit/verify-audit.js';

/** The possible violations, which become labels of a metric. */
export const STORED_VIOLATIONS = [
  'events_incomplete',
  'event_status_differs',
  'moves_do_not_follow',
  'sent_twice',
  'submitting_without_attempt',
  'card_not_erased',
  'refunded_beyond_amount',
  'reserved_otherwise',
  'refund_sent_twice',
  'refund_events_differ',
  'transaction_shared',
  'reference_used_twice',
  'stalled',
  'message_stuck',
  'audit_broken',
] as const;

/** One of {@link STORED_VIOLATIONS}, and the payment that has it. */
export interface StoredViolation {
  readonly kind: (typeof STORED_VIOLATIONS)[number];
  readonly paymentId: string;
}

/**
 * The number of payments to check, and the instant before which a due step counts as stalled; the
 * watch over payments in a final status has a day more.
 */
export interface Slice {
  readonly limit: number;
  readonly stalledBefore: Date;
}

/** The result for a slice. */
export interface Findings {
  readonly violations: readonly StoredViolation[];
  /**
   * Its payments in a final status with a transaction at the gateway, which can be compared with
   * it: an erased card cannot.
   */
  readonly ended: readonly string[];
}

/** Operators act a few times a day: this covers weeks, and takes a few milliseconds. */
const AUDIT_TAIL = 100;

interface FindingRow {
  readonly id: string;
  readonly is_ended: boolean;
  /** Null in the one row that every payment has. */
  readonly kind: StoredViolation['kind'] | null;
}

export class StoredInvariants {
  /** The position of the scan through all payments; ids grow with time. */
  #cursor = '';

  constructor(private readonly pool: Pool) {}

  /** Checks the newest payments, where a fault of the running code shows first. */
  async newest({ limit, stalledBefore }: Slice): Promise<Findings> {
    return findingsOf(await this.#look('ORDER BY id DESC LIMIT $1', [limit, stalledBefore]));
  }

  /** Checks the next payments of a scan that starts again after the last one. */
  async next({ limit, stalledBefore }: Slice): Promise<Findings> {
    const values = [limit, stalledBefore, this.#cursor];
    const rows = await this.#look('WHERE id > $3 ORDER BY id LIMIT $1', values);
    const seen = rows.filter(({ kind }) => kind === null).map(({ id }) => id);
    this.#cursor = seen.length < limit ? '' : (seen.toSorted().at(-1) ?? '');
    return findingsOf(rows);
  }

  /** Returns messages that should have been in Redis long ago. */
  async stuckMessages({ limit, stalledBefore }: Slice): Promise<StoredViolation[]> {
    const { rows } = await this.pool.query<{ payment_id: string }>(
      'SELECT payment_id FROM outbox WHERE created_at < $2 ORDER BY id LIMIT $1',
      [limit, stalledBefore],
    );
    return rows.map(({ payment_id }) => ({ kind: 'message_stuck', paymentId: payment_id }));
  }

  /**
   * Returns the first inconsistency among the newest audited actions, in words; `quittance audit
   * verify` checks the whole chain.
   */
  auditTail(): Promise<string | undefined> {
    return verifyAuditTail(this.pool, AUDIT_TAIL);
  }

  async #look(which: string, values: readonly unknown[]): Promise<FindingRow[]> {
    return (await this.pool.query<FindingRow>(lookAt(which), [...values])).rows;
  }
}

function findingsOf(rows: readonly FindingRow[]): Findings {
  return {
    violations: rows.flatMap(({ id, kind }) => (kind === null ? [] : [{ kind, paymentId: id }])),
    ended: rows.filter(({ kind, is_ended }) => kind === null && is_ended).map(({ id }) => id),
  };
}

/**
 * True in SQL when an event of `p` begins where its predecessor ended. Once the history of a
 * payment has ended, events may be missing, but never the last one.
 */
const FOLLOWS = `CASE WHEN sequence = 1 OR lag(sequence) OVER (ORDER BY sequence) = sequence - 1
  THEN previous_status IS NOT DISTINCT FROM lag(status) OVER (ORDER BY sequence) ELSE p.history_ended_at IS NOT NULL END`;

/** One row per payment with a kind of NULL, and one more per violation. */
function lookAt(which: string): string {
  return `
WITH slice AS MATERIALIZED (SELECT *, ${IS_WATCHED} AS is_watched FROM payment_intents ${which}),
shared AS MATERIALIZED (
  SELECT DISTINCT p.id FROM slice p JOIN payment_intents o ON o.trans_id = p.trans_id AND o.id <> p.id
    JOIN terminals t ON t.id = p.terminal_id JOIN terminals ot ON ot.id = o.terminal_id
  WHERE COALESCE(p.gateway, gateway_of(t.base_url)) = COALESCE(o.gateway, gateway_of(ot.base_url))
  UNION
  SELECT p.id FROM slice p JOIN payment_tombstones d ON d.trans_id = p.trans_id AND d.gateway = p.gateway
)
SELECT p.id, v.kind,
  p.trans_id IS NOT NULL AND p.personal_data_erased_at IS NULL AND p.status IN ('succeeded', 'declined', 'refunded', 'partially_refunded', 'reversed', 'charged_back')
    AS is_ended
FROM slice p
CROSS JOIN LATERAL (
  SELECT count(*) AS stored, max(sequence) AS last,
    (array_agg(status ORDER BY sequence DESC))[1] AS status,
    COALESCE(bool_and(follows), true) AS follow
  FROM (
    SELECT sequence, status, ${FOLLOWS} AS follows FROM payment_events WHERE payment_id = p.id) stored
) e
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE closed_at IS NULL) AS open,
    count(*) FILTER (WHERE outcome IS DISTINCT FROM 'notSent') AS maybe_sent
  FROM submission_attempts WHERE payment_id = p.id
) a
CROSS JOIN LATERAL (
  SELECT COALESCE(sum(amount_minor) FILTER (WHERE status <> 'failed'), 0) AS taken,
    COALESCE(bool_or(next_step_at < $2), false) AS is_stalled,
    COALESCE(bool_or((SELECT count(*) > 1 FROM refund_attempts WHERE refund_id = f.id AND outcome IS DISTINCT FROM 'notSent')),
      false) AS is_sent_twice,
    COALESCE(bool_or(NOT (
      SELECT (count(*) = f.version OR p.history_ended_at IS NOT NULL) AND max(sequence) = f.version AND (array_agg(e.status ORDER BY sequence DESC))[1] = f.status
        AND bool_and(follows)
      FROM (SELECT sequence, status, ${FOLLOWS} AS follows FROM refund_events WHERE refund_id = f.id) e)), false) AS is_told_otherwise
  FROM refunds f WHERE payment_id = p.id
) r
CROSS JOIN LATERAL (
  VALUES (NULL, true),
    ('events_incomplete', (e.stored <> p.version AND p.history_ended_at IS NULL) OR e.last IS DISTINCT FROM p.version),
    ('event_status_differs', e.status IS DISTINCT FROM p.status),
    ('moves_do_not_follow', NOT e.follow),
    ('sent_twice', a.maybe_sent > 1),
    ('submitting_without_attempt', p.status = 'submitting' AND a.open <> 1),
    ('card_not_erased', p.sealed_card IS NOT NULL AND p.status <> 'queued'),
    ('refunded_beyond_amount', p.refunded_minor > p.amount_minor),
    ('reserved_otherwise', COALESCE(p.refund_reserved_minor, 0) <> r.taken),
    ('refund_sent_twice', r.is_sent_twice),
    ('refund_events_differ', r.is_told_otherwise),
    ('transaction_shared', p.id IN (SELECT id FROM shared)),
    ('reference_used_twice',
      (SELECT true FROM payment_tombstones d WHERE d.merchant_id = p.merchant_id AND d.reference = p.reference) IS NOT NULL),
    ('stalled', r.is_stalled OR p.next_step_at < $2 - CASE WHEN p.is_watched THEN interval '1 day' ELSE '0' END
      OR (p.status = 'queued' AND p.submit_before < $2)
      OR (p.status = 'submitting' AND p.updated_at < $2))
) v(kind, is_so)
WHERE v.is_so`;
}
