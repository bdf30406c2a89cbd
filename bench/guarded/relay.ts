// The way from a commit to the queues, in every process that commits events. A process that commits
// one wakes its own relay; the relays of the others publish what a dead process left behind.
import type { Queue } from 'bullmq';
import { database, openQueue, report, statement } from '../by-hand/process.js';

const BATCH_MAX = 200;
const SWEEP_EVERY_MS = 1_000;
/** The pause before a payment that could not be sent is tried again. */
const AGAIN_AFTER_MS = 2_000;
const BACKOFF = { type: 'exponential', delay: 500 };
const JOB = { removeOnComplete: true, removeOnFail: 1000, attempts: 20, backoff: BACKOFF };

/** An event as it is published. */
type Event = Readonly<Record<'id' | 'status', string>> & { readonly sequence: number };

/** The rows are gone if and only if the transaction commits that publishes them. */
const takeEvents = statement(`
WITH taken AS (
  DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $limit FOR UPDATE SKIP LOCKED)
  RETURNING id, payment_id, sequence
)
SELECT e.payment_id AS id, e.sequence, e.status, e.previous_status, e.cause, e.created_at AS time, e.snapshot AS payment_intent
FROM taken t JOIN payment_events e USING (payment_id, sequence) ORDER BY t.id`);

let payments: Queue;
let events: Queue;
let [isAwake, isRunning] = [false, false];

const submitJob = ({ id, sequence }: Event) => {
  const delay = sequence === 1 ? 0 : AGAIN_AFTER_MS;
  return { name: 'submit', data: { id }, opts: { ...JOB, delay } };
};
const eventJob = (event: Event) => ({ name: `payment.${event.status}`, data: event, opts: JOB });

/**
 * Publishes a batch; a payment that enters the queue is also submitted. A batch whose commit fails
 * is published again: fence and inbox drop the repetition.
 */
async function publishBatch(): Promise<number> {
  const client = await database.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await takeEvents<Event>({ limit: BATCH_MAX }, client);
    const queued = rows.filter(({ status }) => status === 'queued');
    if (queued.length > 0) await payments.addBulk(queued.map(submitJob));
    if (rows.length > 0) await events.addBulk(rows.map(eventJob));
    await client.query('COMMIT');
    client.release();
    return rows.length;
  } catch (error) {
    // Closing the connection rolls back, whatever state it is in.
    client.release(true);
    throw error;
  }
}

/**
 * Publishes everything that is committed; call it after every commit of an event. No two passes run
 * at once: the next one takes what is new.
 */
export async function wakeRelay(): Promise<void> {
  isAwake = true;
  if (isRunning) return;
  isRunning = true;
  while (isAwake) {
    isAwake = false;
    // Nothing is lost if it fails: the rows are still there for the next sweep.
    const published = await publishBatch().catch(report);
    if (published === BATCH_MAX) isAwake = true;
  }
  isRunning = false;
}

/** Starts the relay of this process. */
export function startRelay(): void {
  [payments, events] = [openQueue('payments'), openQueue('events')];
  setInterval(() => void wakeRelay(), SWEEP_EVERY_MS);
}
