// The statements for refunds. A refund and the amount it reserves on its payment change in one
// commit or not at all.

/**
 * Reserves the amount on the payment and stores the refund, its first event, and the message that
 * publishes the event and orders the submission. $1 are the refund's columns, $2 its snapshot. The
 * conditional UPDATE lets exactly one of any number of concurrent refunds succeed: the
 * others wait for the row, check again, and find the amount reserved. Returns the id, or nothing if
 * the payment could not reserve the amount. Raises a unique violation if the reference was used
 * before, be it by a refund that has been deleted since.
 */
export const REQUEST_REFUND = {
  name: 'request_refund',
  text: `
WITH asked AS MATERIALIZED (
  SELECT * FROM json_populate_record(NULL::refunds, $1)
), reserved AS (
  UPDATE payment_intents p SET refund_reserved_minor = a.amount_minor
  FROM asked a
  WHERE p.id = a.payment_id AND p.merchant_id = a.merchant_id AND p.currency = a.currency
    AND p.status = 'succeeded' AND p.trans_id IS NOT NULL
    AND p.refund_reserved_minor IS NULL AND a.amount_minor <= p.amount_minor AND NOT shares_transaction(p)
  RETURNING p.version, p.traceparent
), refund AS (
  INSERT INTO refunds SELECT a.* FROM asked a WHERE EXISTS (SELECT FROM reserved)
  RETURNING id, merchant_id, payment_id, version, status, created_at
), first_event AS (
  INSERT INTO refund_events
    (refund_id, sequence, status, cause, merchant_id, payment_id, payment_version, snapshot, created_at)
  SELECT r.id, 1, r.status, 'request', r.merchant_id, r.payment_id, p.version, $2::json, r.created_at
  FROM refund r, reserved p
), message AS (
  INSERT INTO outbox (payment_id, sequence, refund_id, created_at, traceparent)
  SELECT r.payment_id, r.version, r.id, r.created_at, p.traceparent FROM refund r, reserved p
)
SELECT id FROM refund`,
};

/**
 * Writes a decision if the refund still has the version of the decision; a failed refund releases
 * its amount on the payment. Opens no attempt once a pause of the terminal is committed. Returns
 * the id if it was written.
 */
export const RECORD_REFUND = {
  name: 'record_refund',
  text: `
WITH change AS MATERIALIZED (
  SELECT * FROM json_to_record($1) AS c(
    refund_id text, expected_version integer, status refund_status, version integer, epoch integer, inquiries integer,
    failure_code text, failure_message text, doubt_reason text, next_step_at timestamptz, updated_at timestamptz,
    previous_status refund_status, cause move_cause, attempt integer, gateway_code text, note text,
    payment_version integer, snapshot json,
    attempt_opened integer, reply_before timestamptz, opened_by uuid,
    attempt_closed integer, outcome text, http_status integer, reason text, duration_ms integer)
), written AS (
  UPDATE refunds r SET
    status = c.status, version = c.version, epoch = c.epoch, inquiries = c.inquiries, failure_code = c.failure_code,
    failure_message = c.failure_message, doubt_reason = c.doubt_reason, next_step_at = c.next_step_at, updated_at = c.updated_at
  FROM change c WHERE r.id = c.refund_id AND r.version = c.expected_version
    AND (c.attempt_opened IS NULL OR (
      SELECT t.paused_at FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id WHERE p.id = r.payment_id) IS NULL)
  RETURNING c.*, r.merchant_id, r.payment_id, r.amount_minor
), released AS (
  UPDATE payment_intents p SET refund_reserved_minor = NULLIF(p.refund_reserved_minor - w.amount_minor, 0)
  FROM written w WHERE p.id = w.payment_id AND w.status = 'failed' AND w.cause IS NOT NULL
), event AS (
  INSERT INTO refund_events
    (refund_id, sequence, status, previous_status, cause, attempt, gateway_code, note,
     merchant_id, payment_id, payment_version, snapshot, created_at)
  SELECT refund_id, version, status, previous_status, cause, attempt, gateway_code, note,
    merchant_id, payment_id, payment_version, snapshot, updated_at
  FROM written WHERE cause IS NOT NULL
), message AS (
  INSERT INTO outbox (payment_id, sequence, refund_id, created_at, traceparent)
  SELECT w.payment_id, w.version, w.refund_id, w.updated_at, p.traceparent
  FROM written w JOIN payment_intents p ON p.id = w.payment_id WHERE w.cause IS NOT NULL
), opened AS (
  INSERT INTO refund_attempts (refund_id, number, opened_at, deadline_at, opened_by)
  SELECT refund_id, attempt_opened, updated_at, reply_before, opened_by FROM written WHERE attempt_opened IS NOT NULL
), closed AS (
  UPDATE refund_attempts a SET
    closed_at = w.updated_at, outcome = w.outcome, http_status = w.http_status, reason = w.reason, duration_ms = w.duration_ms
  FROM written w WHERE a.refund_id = w.refund_id AND a.number = w.attempt_closed AND a.closed_at IS NULL
)
SELECT refund_id AS id FROM written`,
};

/** Finds the attempt that a fence opened, by the UUID that its owner wrote into it. */
export const OPENED_REFUND_ATTEMPT = {
  name: 'opened_refund_attempt',
  text: 'SELECT FROM refund_attempts WHERE refund_id = $1 AND number = $2 AND opened_by = $3',
};

/** Finds the payment if its transaction may be another payment's as well. */
export const SHARES_TRANSACTION = {
  name: 'shares_transaction',
  text: 'SELECT FROM payment_intents p WHERE id = $1 AND shares_transaction(p)',
};

export const LOAD_REFUND = { name: 'load_refund', text: 'SELECT * FROM refunds WHERE id = $1' };

export const LOAD_REFUND_BY_REFERENCE = {
  name: 'load_refund_by_reference',
  text: 'SELECT * FROM refunds WHERE merchant_id = $1 AND reference = $2',
};

/** Finds the refund that has a payment's reservation: there is one at most. */
export const LOAD_REFUND_OF_PAYMENT = {
  name: 'load_refund_of_payment',
  text: `SELECT * FROM refunds WHERE payment_id = $1 AND status <> 'failed'`,
};

/**
 * Claims refunds whose step is due, like payments: the due time moves on, and returns by itself if
 * the job is lost.
 */
export const CLAIM_DUE_REFUNDS = {
  name: 'claim_due_refunds',
  text: `
UPDATE refunds SET next_step_at = $2
WHERE id = ANY (ARRAY(
  SELECT id FROM refunds WHERE next_step_at <= $1
  ORDER BY next_step_at LIMIT $3 FOR UPDATE SKIP LOCKED))
RETURNING id, merchant_id, version, inquiries, asks`,
};

/** Ends claims of refunds early, as `RELEASE_DUE` does for payments. */
export const RELEASE_DUE_REFUNDS = {
  name: 'release_due_refunds',
  text: `
UPDATE refunds SET next_step_at = $3
WHERE id = ANY (ARRAY(
  SELECT id FROM refunds WHERE id = ANY ($1) AND next_step_at = $2
  ORDER BY id FOR UPDATE SKIP LOCKED))`,
};
