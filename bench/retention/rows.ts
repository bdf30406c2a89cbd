// The rows of a platform that has run for two years, written by the server itself in large chunks.
import type { Client } from 'pg';

/** Payments that one transaction writes. */
const CHUNK = 50_000;
const MERCHANTS = 20;
const TERMINALS = `
INSERT INTO merchants SELECT 'mer_' || m, 'merchant ' || m, now() FROM generate_series(0, ${MERCHANTS - 1}) m;
INSERT INTO terminals (id, merchant_id, name, base_url, number, public_key, sealed_private_key, protocol, callback_encryption,
  mode, lane, inquiry, created_at)
SELECT 'ter_' || m, 'mer_' || m, 'main', 'http://gateway.example', m + 1, 'x', 'x', 'encrypted', 'aes256', 'test', 'default',
  'trans_id', now() FROM generate_series(0, ${MERCHANTS - 1}) m;
INSERT INTO queue_watch VALUES (true, 'run', now());`;

/**
 * Of a hundred payments, 85 succeeded, 10 were declined and 5 failed. Successes of the last half
 * year are still watched. $1 and $2 are the first and the last number, $3 the number of all.
 */
const PAYMENTS = `
INSERT INTO payment_intents (id, merchant_id, terminal_id, reference, order_id, mode, lane, amount_minor, refunded_minor,
  currency, method, product_name, return_url, customer, metadata, card_brand, card_first6, card_last4, status, version, epoch,
  inquiries, trans_id, order_status, gateway_response, failure_code, failure_message, flags, submit_before, next_step_at,
  created_at, updated_at, callback_kid, gateway)
SELECT 'pi_' || lpad(n::text, 26, '0'), 'mer_' || n % ${MERCHANTS}, 'ter_' || n % ${MERCHANTS}, 'OLD-' || n, 'ORDER-' || n,
  'test', 'default', 1000 + n % 9000, 0, 'EUR', 'CC', 'Two tickets', 'https://shop.example/return?order=' || n,
  json_build_object('name', 'Payer ' || n, 'email', 'payer' || n || '@example.com', 'phone', '65 62294466', 'ip', '203.0.113.7'),
  json_build_object('cart', 'c-' || n), 'visa', '401200', '0026', s.status, 3, 1, 4, (100000000000000000 + n)::text,
  '25', 'Approved', CASE WHEN s.status <> 'succeeded' THEN 'gateway_declined' END, CASE WHEN s.status <> 'succeeded' THEN 'x' END,
  '{}', s.at + interval '1 hour',
  CASE WHEN s.status = 'succeeded' AND s.at > now() - interval '180 days' THEN now() + random() * interval '7 days' + interval '1 hour' END,
  s.at, s.at + interval '3 seconds', 'k1', 'gateway.example'
FROM generate_series($1::int, $2::int) n
CROSS JOIN LATERAL (SELECT
  CASE WHEN n % 100 < 85 THEN 'succeeded' WHEN n % 100 < 95 THEN 'declined' ELSE 'failed' END::payment_status AS status,
  now() - interval '730 days' * (1 - n / $3::float8) AS at) s`;

const EVENTS = `
INSERT INTO payment_events (payment_id, sequence, merchant_id, status, previous_status, cause, attempt, gateway_code, snapshot, created_at)
SELECT p.id, e.sequence, p.merchant_id, e.status, e.previous, e.cause, 1, '25', json_build_object('id', p.id, 'object', 'payment_intent',
  'reference', p.reference, 'order_id', p.order_id, 'terminal', 'main', 'livemode', false, 'amount', '11.11', 'currency', 'EUR',
  'refunded_amount', '0.00', 'method', 'CC', 'status', e.status, 'next_action', null,
  'card', json_build_object('brand', 'visa', 'first6', '401200', 'last4', '0026'),
  'gateway', json_build_object('trans_id', p.trans_id, 'order_status', '25', 'response', 'Approved'), 'failure', null,
  'doubt_reason', null, 'flags', '[]'::json, 'metadata', p.metadata, 'version', e.sequence, 'created_at', p.created_at,
  'updated_at', p.updated_at), p.created_at + e.sequence * interval '1 second'
FROM payment_intents p CROSS JOIN LATERAL (VALUES
  (1, 'queued'::payment_status, NULL::payment_status, 'request'::move_cause), (2, 'submitting', 'queued', 'request'),
  (3, p.status, 'submitting', 'reply')) e(sequence, status, previous, cause)
WHERE p.id BETWEEN 'pi_' || lpad($1::int::text, 26, '0') AND 'pi_' || lpad($2::int::text, 26, '0')`;

const EVIDENCE = `
WITH attempts AS (
  INSERT INTO submission_attempts
  SELECT id, 1, created_at, created_at + interval '30 seconds', updated_at, 'reported', 200, NULL, NULL, 812, gen_random_uuid()
  FROM payment_intents WHERE id BETWEEN 'pi_' || lpad($1::int::text, 26, '0') AND 'pi_' || lpad($2::int::text, 26, '0')
  RETURNING payment_id
)
INSERT INTO callbacks
SELECT payment_id, sha256(payment_id::bytea), true, 'awaiting_inquiry', NULL,
  json_build_object('transID', payment_id, 'order_status', '25', 'bill_amt', '11.11', 'name', 'Payer'), now() FROM attempts`;

/** As many deleted payments as stored ones. */
const TOMBSTONES = `
INSERT INTO payment_tombstones
SELECT 'mer_' || n % ${MERCHANTS}, 'GONE-' || n, NULL, 'gateway.example', (200000000000000000 + n)::text, now()
FROM generate_series($1::int, $2::int) n`;

/** Stores the merchants and terminals. */
export async function loadMerchants(client: Client): Promise<void> {
  await client.query(TERMINALS);
}

/**
 * Stores `count` payments with their histories, and as many tombstones, without the triggers, which
 * would check each row. `say` hears of the progress.
 */
export async function loadPayments(
  client: Client,
  count: number,
  say: (text: string) => void,
): Promise<void> {
  await client.query('SET session_replication_role = replica');
  await client.query('SET synchronous_commit = off');
  for (let first = 1; first <= count; first += CHUNK) {
    const last = Math.min(count, first + CHUNK - 1);
    await client.query('BEGIN');
    await client.query(PAYMENTS, [first, last, count]);
    await client.query(EVENTS, [first, last]);
    await client.query(EVIDENCE, [first, last]);
    await client.query(TOMBSTONES, [first, last]);
    await client.query('COMMIT');
    say(`${last} of ${count} payments`);
  }
  await client.query('RESET session_replication_role');
}
