// The guarded order domain: each event once, and never an older one over a newer one, in one
// statement.
import type { Job } from 'bullmq';
import { consume } from '../by-hand/consume.js';
import { EVENTS_QUEUE, announceReady, openDatabase } from '../by-hand/settings.js';

/** An event that was seen before changes nothing, and an older one does not undo a newer one. */
const STORE_EVENT = {
  name: 'store-event',
  text: `
WITH fresh AS (
  INSERT INTO event_inbox (subject, sequence, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
  RETURNING subject, sequence, received_at
)
INSERT INTO orders AS o (payment_id, reference, status, sequence, received_at)
SELECT subject, $4, $5, sequence, received_at FROM fresh
ON CONFLICT (payment_id) DO UPDATE SET status = EXCLUDED.status, sequence = EXCLUDED.sequence, received_at = EXCLUDED.received_at
WHERE o.sequence < EXCLUDED.sequence`,
};

const database = openDatabase();

interface Event {
  readonly id: string;
  readonly sequence: number;
  readonly status: string;
  readonly payment_intent: { readonly reference: string };
}

async function store({ data }: Job<Event>): Promise<void> {
  const { id, sequence, status, payment_intent: payment } = data;
  const values = [id, sequence, new Date(), payment.reference, status];
  await database.query({ ...STORE_EVENT, values });
}

await consume(EVENTS_QUEUE, store);
announceReady();
