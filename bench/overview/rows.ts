// The rows of a deployment that has been busy for a month, and of a backlog, written by the server
// itself.
import { FINAL_BOUNDS_MS } from '@quittance/persistence';
import type { ClientBase } from 'pg';

/** The counts of a lane in which payments take all times. */
const COUNTS = [
  'accepted',
  'sent',
  'ended_succeeded',
  'ended_declined',
  'gateway_replied',
  ...FINAL_BOUNDS_MS.slice(0, 5).map((ms) => `sent_within_${ms}_ms`),
  ...FINAL_BOUNDS_MS.slice(0, 7).map((ms) => `final_within_${ms}_ms`),
];

const STEPS = `
  (VALUES (1, 5, interval '1 hour'), (60, 60, '1 day'), (3600, 3600, '30 days')) steps (step, gauge_step, length)`;

/** $1 are the counts, $2 is the number of lanes. */
const COUNTED = `
INSERT INTO samples (step_seconds, at, lane, metric, value)
SELECT step, at, lane, metric, step * 50 / $2
FROM ${STEPS}
CROSS JOIN LATERAL generate_series(date_bin(step * interval '1 second', now() - length, 'epoch'), now() - interval '1 second', step * interval '1 second') at
CROSS JOIN (SELECT 'lane-' || lane FROM generate_series(0, $2::int - 1) lane UNION ALL VALUES ('')) lanes (lane)
CROSS JOIN unnest($1::text[]) metric
WHERE step = 1 OR lane = ''`;

const GAUGES = `
INSERT INTO samples (step_seconds, at, lane, metric, value)
SELECT step, at, lane, metric, 100
FROM ${STEPS}
CROSS JOIN LATERAL generate_series(date_bin(step * interval '1 second', now() - length, 'epoch'), now() - interval '1 second', gauge_step * interval '1 second') at
CROSS JOIN (
  SELECT 'lane-' || lane, metric FROM generate_series(0, $1::int - 1) lane, (VALUES ('queued'), ('oldest_queued_seconds')) queued (metric)
  UNION ALL VALUES ('', 'in_doubt'), ('', 'in_doubt_oldest_seconds')) gauges (lane, metric)
ON CONFLICT DO NOTHING`;

/**
 * Queued payments that no worker takes, since their next step is due tomorrow. $1 is their number,
 * $2 that of the lanes.
 */
const QUEUED = `
INSERT INTO payment_intents (id, merchant_id, terminal_id, reference, mode, lane, amount_minor, refunded_minor, currency, method,
  product_name, return_url, customer, metadata, card_brand, card_first6, card_last4, status, version, epoch, inquiries, flags,
  submit_before, next_step_at, created_at, updated_at, gateway)
SELECT 'pi_' || lpad(n::text, 26, '0'), t.merchant_id, t.id, 'QUEUED-' || n, 'test', 'lane-' || n % $2::int, 1111, 0, 'EUR', 'CC',
  'Two tickets', 'https://shop.example/return', '{"name": "Payer", "email": "payer@example.com"}', '{}', 'visa', '401200', '0026',
  'queued', 1, 1, 0, '{}', now() + interval '1 day', now() + interval '1 day', now() - n * interval '1 ms', now(), 'gateway.example'
FROM generate_series(1, $1::int) n CROSS JOIN (SELECT id, merchant_id FROM terminals ORDER BY id LIMIT 1) t`;

/** Stores the samples of `lanes` lanes and `queued` payments, without the triggers. */
export async function loadRows(
  client: ClientBase,
  { lanes, queued }: { readonly lanes: number; readonly queued: number },
): Promise<void> {
  await client.query('SET session_replication_role = replica');
  await client.query('SET synchronous_commit = off');
  await client.query(COUNTED, [COUNTS, lanes]);
  await client.query(GAUGES, [lanes]);
  await client.query(QUEUED, [queued, lanes]);
  await client.query('ANALYZE samples, payment_intents');
  await client.query('CHECKPOINT');
}
