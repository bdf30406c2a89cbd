// The three statements that carry the load. Each takes JSON arrays and handles many payments at
// once. Each is atomic, so a state change, its event, its attempt and its message to the queues
// commit together or not at all. Each locks its rows in one order, whatever the order of its input:
// two processes that locked them in two orders would wait for each other until Postgres, after a
// second, fails one of them.
import { COMES_FIRST, IS_WATCHED } from './due-kinds.js';
import { WITH_QUEUED_LANES } from './queued-lanes.js';

/**
 * Leaves every row, and makes Postgres plan a named statement once. Postgres plans it for each call
 * while the plan for all values looks dearer than those for the values of earlier calls. It goes on
 * comparing with the cost from before the tables changed, for the rest of a connection's life, and
 * planning RECORD takes longer than running it. Postgres expects a limit that it does not know to
 * leave a tenth of the rows, so that the plan for all values looks cheaper.
 */
const NO_LIMIT = 'LIMIT CASE WHEN $1 IS NULL THEN 0 END';

/**
 * Accepts payments: the intent with its encrypted card, its first event and its outbox row, unique
 * on (merchant, reference) and (merchant, idempotency key). $1 are the intents' columns, $2 the
 * snapshots of their first events by id. Returns the ids that were inserted; the references or keys
 * of the others were used before, be it by a payment that has been deleted since.
 */
export const ACCEPT = {
  name: 'accept',
  text: `
WITH intent AS (
  INSERT INTO payment_intents
  SELECT n.* FROM (SELECT * FROM json_populate_recordset(NULL::payment_intents, $1) ${NO_LIMIT}) n
  -- Not EXISTS: while it thinks the table is small, the planner would read all of it.
  WHERE (SELECT true FROM payment_tombstones t WHERE t.merchant_id = n.merchant_id AND t.reference = n.reference) IS NULL
    AND (n.idempotency_key IS NULL OR (
      SELECT true FROM payment_tombstones t WHERE t.merchant_id = n.merchant_id AND t.idempotency_key = n.idempotency_key) IS NULL)
  ORDER BY merchant_id, reference
  ON CONFLICT DO NOTHING
  RETURNING id, merchant_id, lane, status, created_at, traceparent
), first_event AS (
  INSERT INTO payment_events (payment_id, sequence, merchant_id, status, cause, snapshot, created_at)
  SELECT i.id, 1, i.merchant_id, i.status, 'request', s.snapshot, i.created_at
  FROM intent i JOIN json_to_recordset($2) AS s(id text, snapshot json) USING (id)
), message AS (
  INSERT INTO outbox (payment_id, sequence, lane, created_at, traceparent)
  SELECT id, 1, lane, created_at, traceparent FROM intent
)
SELECT id FROM intent`,
};

/**
 * Writes decisions, each only if the payment still has the version of the decision. The change's
 * card overwrites the stored one; it is null unless an attempt provably never left. Returns the ids
 * that were written; for the others another change was faster, and the caller loads and decides
 * again. A request for an inquiry now does not raise the version: a decision made before it retains
 * the request's due time, if that is the earlier one. No attempt opens once a pause of the terminal
 * or of its lane is committed. A decision made without a callback that requires an inquiry is not
 * written, so that the inquiry is not lost; nor is a callback that relies on an inquiry which has
 * started meanwhile. A decision made before the payment's personal data was erased is not written,
 * because its snapshot contains the data.
 */
export const RECORD = {
  name: 'record',
  text: `
WITH change AS MATERIALIZED (
  SELECT c.* FROM (SELECT * FROM json_to_recordset($1) AS input(
    payment_id text, merchant_id text, expected_version integer,
    status payment_status, version integer, epoch integer, inquiries integer, refunded_minor bigint,
    trans_id text, order_status text, gateway_response text, auth_url text, failure_code text, failure_message text,
    doubt_reason text, flags text[], next_step_at timestamptz, updated_at timestamptz, sealed_card text,
    previous_status payment_status, cause move_cause, attempt integer, gateway_code text, note text, snapshot json,
    attempt_opened integer, reply_before timestamptz, opened_by uuid, callback_kid text,
    attempt_closed integer, outcome text, http_status integer, error_number text, reason text, duration_ms integer,
    content_sha256 bytea, encrypted boolean, verdict callback_verdict, verdict_reason text, fields json,
    received_at timestamptz, asks_raised integer, asks_seen integer, asks_answered integer, claims_trans_id text,
    hinted_at timestamptz, hinted_before timestamptz, due_before timestamptz, forward_due timestamptz,
    erased_before timestamptz, traceparent text) ${NO_LIMIT}) c
  JOIN payment_intents p ON p.id = c.payment_id ORDER BY p.id FOR NO KEY UPDATE OF p
), written AS (
  UPDATE payment_intents p SET
    status = c.status, version = c.version, epoch = c.epoch, inquiries = c.inquiries,
    refunded_minor = c.refunded_minor, trans_id = COALESCE(c.trans_id, p.trans_id), order_status = c.order_status,
    gateway_response = c.gateway_response, auth_url = COALESCE(c.auth_url, p.auth_url),
    failure_code = c.failure_code, failure_message = c.failure_message, doubt_reason = c.doubt_reason,
    callback_kid = COALESCE(c.callback_kid, p.callback_kid), flags = c.flags, updated_at = c.updated_at,
    asks = COALESCE(p.asks, 0) + c.asks_raised,
    asks_answered = CASE WHEN c.asks_seen IS NULL THEN COALESCE(p.asks, 0) ELSE GREATEST(p.asks_answered, c.asks_answered) END,
    next_step_at = CASE WHEN p.asks > c.asks_seen THEN LEAST(p.next_step_at, c.next_step_at) ELSE c.next_step_at END,
    hinted_at = c.hinted_at, forward_at = COALESCE(p.forward_at, c.forward_due),
    sealed_card = CASE WHEN c.cause IS NULL THEN p.sealed_card ELSE c.sealed_card END
  FROM change c WHERE p.id = c.payment_id AND p.version = c.expected_version
    AND p.hinted_at IS NOT DISTINCT FROM c.hinted_before
    AND (p.personal_data_erased_at IS NULL OR c.erased_before IS NOT NULL)
    AND (c.content_sha256 IS NULL OR p.next_step_at IS NOT DISTINCT FROM c.due_before)
    AND (c.attempt_opened IS NULL OR (
      (SELECT t.paused_at FROM terminals t WHERE t.id = p.terminal_id) IS NULL AND
      (SELECT l.paused_at FROM lanes l WHERE l.name = p.lane) IS NULL))
  RETURNING c.*
), event AS (
  INSERT INTO payment_events
    (payment_id, sequence, merchant_id, status, previous_status, cause, attempt, gateway_code, note, snapshot, created_at)
  SELECT payment_id, version, merchant_id, status, previous_status, cause, attempt, gateway_code, note, snapshot, updated_at
  FROM written WHERE cause IS NOT NULL
), message AS (
  INSERT INTO outbox (payment_id, sequence, created_at, traceparent)
  SELECT payment_id, version, updated_at, traceparent FROM written WHERE cause IS NOT NULL
), opened AS (
  INSERT INTO submission_attempts (payment_id, number, opened_at, deadline_at, opened_by)
  SELECT payment_id, attempt_opened, updated_at, reply_before, opened_by FROM written WHERE attempt_opened IS NOT NULL
), closed AS (
  UPDATE submission_attempts a SET
    closed_at = d.updated_at, outcome = d.outcome, http_status = d.http_status, error_number = d.error_number,
    reason = d.reason, duration_ms = d.duration_ms
  FROM written d WHERE a.payment_id = d.payment_id AND a.number = d.attempt_closed AND a.closed_at IS NULL
), received AS (
  INSERT INTO callbacks (payment_id, content_sha256, encrypted, verdict, reason, fields, received_at)
  SELECT payment_id, content_sha256, encrypted, verdict, verdict_reason, fields, received_at
  FROM written WHERE content_sha256 IS NOT NULL
  ON CONFLICT DO NOTHING
), claimed AS (
  INSERT INTO transaction_claims (payment_id, gateway, trans_id, claimed_at)
  SELECT w.payment_id,
    (SELECT gateway_of(t.base_url) FROM payment_intents p JOIN terminals t ON t.id = p.terminal_id WHERE p.id = w.payment_id),
    w.claims_trans_id, w.updated_at
  FROM written w WHERE w.claims_trans_id IS NOT NULL
  ON CONFLICT DO NOTHING
)
SELECT payment_id AS id FROM written`,
};

/**
 * Loads payments, with the encrypted card of those that still have one and the version of their
 * terminal at the same moment. $1 is a JSON array of ids: the planner expects as many elements in
 * any of them, so it plans once. For an array of Postgres it plans for each length, each time.
 */
export const LOAD = {
  name: 'load',
  text: `
SELECT p.*, (SELECT t.xmin::text FROM terminals t WHERE t.id = p.terminal_id) AS terminal_version
FROM (SELECT * FROM json_array_elements_text($1) AS input (id) ${NO_LIMIT}) wanted
JOIN payment_intents p ON p.id = wanted.id`,
};

/** Finds the attempt that a fence opened, by the UUID that its owner wrote into it. */
export const OPENED_ATTEMPT = {
  name: 'opened_attempt',
  text: 'SELECT FROM submission_attempts WHERE payment_id = $1 AND number = $2 AND opened_by = $3',
};

/** Loads the payment that a merchant's idempotency key made. */
export const LOAD_BY_IDEMPOTENCY_KEY = {
  name: 'load_by_idempotency_key',
  text: 'SELECT * FROM payment_intents WHERE merchant_id = $1 AND idempotency_key = $2',
};

/**
 * Loads payments by their merchants and references, for those that were accepted before. $1 are the
 * merchants, $2 the references.
 */
export const LOAD_BY_REFERENCE = {
  name: 'load_by_reference',
  text: `
SELECT * FROM payment_intents
WHERE (merchant_id, reference) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
};

/** Looks for the reference $2 and the key $3 among the deleted payments of the merchant $1. */
export const USED_BY_DELETED = {
  name: 'used_by_deleted',
  text: `
SELECT (SELECT true FROM payment_tombstones WHERE merchant_id = $1 AND reference = $2) AS "isReference",
  (SELECT true FROM payment_tombstones WHERE merchant_id = $1 AND idempotency_key = $3) AS "isKey"`,
};

/**
 * Claims payments due at $1: moves the due time to $2 or, for payments queued for long, later, so
 * that the claim ends by itself if the job is lost. Returns each payment's next step. Skips rows
 * that another process is claiming. Covers the steps of {@link COMES_FIRST}.
 */
export const CLAIM_DUE = { name: 'claim_due', text: claim(COMES_FIRST) };

/** Claims due steps of the watch over payments in a final status. */
export const CLAIM_WATCHED = { name: 'claim_watched', text: claim(IS_WATCHED) };

/**
 * Ends claims early: the steps whose jobs could not be added. A payment that has moved on since, or
 * is being moved, has another due time and stays as it is. $2 is the end of the claim made at $4.
 */
export const RELEASE_DUE = {
  name: 'release_due',
  text: `
UPDATE payment_intents SET next_step_at = $3
WHERE id = ANY (ARRAY(
  SELECT id FROM payment_intents WHERE id = ANY ($1) AND next_step_at = ${endOfClaim('$4', '$2')}
  ORDER BY id FOR UPDATE SKIP LOCKED))`,
};

/**
 * The end of a claim. That of a queued payment grows with the time it has been queued, up to ten
 * minutes: the job of a backlog waits in Redis, and claiming it every minute would cost as much as
 * submitting it.
 */
function endOfClaim(now: string, until: string): string {
  const waited = `LEAST(${now}::timestamptz - updated_at, interval '10 minutes')`;
  return `CASE WHEN status = 'queued' THEN GREATEST(${until}::timestamptz, ${now}::timestamptz + ${waited}) ELSE ${until} END`;
}

function claim(kind: string): string {
  return `
UPDATE payment_intents SET next_step_at = ${endOfClaim('$1', '$2')}
WHERE id = ANY (ARRAY(
  SELECT id FROM payment_intents WHERE next_step_at <= $1 AND ${kind}
  ORDER BY next_step_at LIMIT $3 FOR UPDATE SKIP LOCKED))
RETURNING id, merchant_id, status, lane, version, inquiries, asks`;
}

/**
 * Finds queued payments whose deadline for sending has passed, and whose cards are stored for
 * nothing. Oldest deadline first.
 */
export const OVERDUE = {
  name: 'overdue',
  text: `${WITH_QUEUED_LANES}
SELECT id FROM lanes CROSS JOIN LATERAL (
  SELECT id, submit_before FROM payment_intents p
  WHERE p.status = 'queued' AND p.lane = lanes.lane AND p.submit_before <= $1
  ORDER BY p.submit_before LIMIT $2) overdue
ORDER BY submit_before LIMIT $2`,
};
