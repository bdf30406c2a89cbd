// The guarded order domain: each event once, and never an older one over a newer one, in one
// statement.
import type { Job } from 'bullmq';
import { consume, statement } from '../by-hand/process.js';

const storeEvent = statement(`
WITH fresh AS (
  INSERT INTO event_inbox (subject, sequence, received_at) VALUES ($id, $sequence, $received_at) ON CONFLICT DO NOTHING
  RETURNING subject, sequence, received_at
)
INSERT INTO orders AS o (payment_id, reference, status, sequence, received_at)
SELECT subject, $reference, $status, sequence, received_at FROM fresh
ON CONFLICT (payment_id) DO UPDATE SET status = EXCLUDED.status, sequence = EXCLUDED.sequence, received_at = EXCLUDED.received_at
WHERE o.sequence < EXCLUDED.sequence`);

type Event = { readonly payment_intent: { readonly reference: string } };

/** The event's `id`, `sequence` and `status` are parameters too. */
await consume('events', async ({ data }: Job<Event>) => {
  const { reference } = data.payment_intent;
  await storeEvent({ ...data, reference, received_at: new Date() });
});
