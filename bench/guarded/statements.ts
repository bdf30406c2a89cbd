// Every statement on payments, one row of each kind at a time. A change of a payment is one
// statement: status, event, message and whatever belongs to them commit together or not at all, and
// only if the payment still has the version that was decided on.

/** No row: the reference is taken. */
export const ACCEPT = {
  name: 'accept',
  text: `
WITH accepted AS (
  INSERT INTO payments (id, merchant_id, reference, status, version, epoch, sealed_card, amount, currency, method, product_name,
    customer, return_url, card_last4, created_at, updated_at)
  VALUES ($1, $2, $3, 'queued', 1, 0, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
  ON CONFLICT (merchant_id, reference) DO NOTHING
  RETURNING id, created_at
), event AS (
  INSERT INTO payment_events (payment_id, sequence, status, cause, snapshot, created_at)
  SELECT id, 1, 'queued', 'request', $13::json, created_at FROM accepted
), message AS (
  INSERT INTO outbox (payment_id, sequence, kind) SELECT id, 1, 'submit' FROM accepted
)
SELECT id FROM accepted`,
};

export const LOAD_BY_REFERENCE = {
  name: 'load-by-reference',
  text: 'SELECT * FROM payments WHERE merchant_id = $1 AND reference = $2',
};

export const LOAD = { name: 'load', text: 'SELECT * FROM payments WHERE id = $1' };

/**
 * From here on no process can send the payment again: the card is gone in the commit that opens the
 * attempt.
 */
export const FENCE = {
  name: 'fence',
  text: `
WITH fenced AS (
  UPDATE payments SET status = 'submitting', version = version + 1, epoch = epoch + 1, sealed_card = NULL, updated_at = $3
  WHERE id = $1 AND version = $2 AND status = 'queued'
  RETURNING id, version, epoch, updated_at
), attempt AS (
  INSERT INTO attempts (payment_id, number, opened_at, deadline_at) SELECT id, epoch, updated_at, $4::timestamptz FROM fenced
), event AS (
  INSERT INTO payment_events (payment_id, sequence, status, previous_status, cause, snapshot, created_at)
  SELECT id, version, 'submitting', 'queued', 'request', $5::json, updated_at FROM fenced
), message AS (
  INSERT INTO outbox (payment_id, sequence, kind) SELECT id, version, 'event' FROM fenced
)
SELECT id FROM fenced`,
};

/** The attempt is closed in any case; the rest is written only where no callback was faster. */
export const STORE_REPLY = {
  name: 'store-reply',
  text: `
WITH moved AS (
  UPDATE payments SET status = $3, version = version + 1, trans_id = $4, order_status = $5, gateway_response = $6, auth_url = $7,
    doubt_reason = $8, sealed_card = $9, updated_at = $10
  WHERE id = $1 AND version = $2
  RETURNING id, version, status, updated_at
), closed AS (
  UPDATE attempts SET closed_at = $10, outcome = $11, http_status = $12
  WHERE payment_id = $1 AND number = $13 AND closed_at IS NULL
), event AS (
  INSERT INTO payment_events (payment_id, sequence, status, previous_status, cause, snapshot, created_at)
  SELECT id, version, status, 'submitting', $14, $15::json, updated_at FROM moved
), message AS (
  INSERT INTO outbox (payment_id, sequence, kind) SELECT id, version, $16 FROM moved
)
SELECT id FROM moved`,
};

/** No row: another change was faster; load and decide again. */
export const STORE_CALLBACK = {
  name: 'store-callback',
  text: `
WITH moved AS (
  UPDATE payments SET status = $3, version = version + 1, trans_id = $4, order_status = $5, gateway_response = $6,
    doubt_reason = NULL, updated_at = $7
  WHERE id = $1 AND version = $2
  RETURNING id, version, status, updated_at
), received AS (
  INSERT INTO callbacks (payment_id, content_sha256, fields, received_at)
  SELECT id, $8::bytea, $9::json, updated_at FROM moved ON CONFLICT DO NOTHING
), event AS (
  INSERT INTO payment_events (payment_id, sequence, status, previous_status, cause, snapshot, created_at)
  SELECT id, version, status, $10, 'callback', $11::json, updated_at FROM moved
), message AS (
  INSERT INTO outbox (payment_id, sequence, kind) SELECT id, version, 'event' FROM moved
)
SELECT id FROM moved`,
};

/** Attempts whose worker has not come back; see sweeper.ts. */
export const OVERDUE = {
  name: 'overdue',
  text: `
SELECT p.* FROM attempts a JOIN payments p ON p.id = a.payment_id
WHERE a.closed_at IS NULL AND a.deadline_at < $1 AND p.status = 'submitting' AND a.number = p.epoch`,
};

/** The rows are gone when, and only when, the transaction commits that publishes them. */
export const TAKE_MESSAGES = {
  name: 'take-messages',
  text: `
WITH taken AS (
  DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING id, payment_id, sequence, kind
)
SELECT t.kind, e.* FROM taken t JOIN payment_events e USING (payment_id, sequence) ORDER BY t.id`,
};
