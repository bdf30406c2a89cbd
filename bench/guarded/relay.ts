// The way from a commit to the queues, in every process that commits messages. A process that
// commits one wakes its own relay; the relays of the others publish what a dead process left
// behind.
import { database, openQueue, report, statement } from '../by-hand/process.js';

const BATCH_MAX = 200;
const SWEEP_EVERY_MS = 1_000;
/** The pause before a payment that could not be sent is tried again. */
const AGAIN_AFTER_MS = 2_000;
const BACKOFF = { type: 'exponential', delay: 500 };
const JOB = { removeOnComplete: true, removeOnFail: 1000, attempts: 20, backoff: BACKOFF };

/** A row of `payment_events`, with the kind of its message: `submit` also adds a submission. */
type Message = Readonly<Record<'kind' | 'payment_id' | 'status' | 'cause', string>> & {
  readonly sequence: number;
  readonly previous_status: string | null;
  readonly created_at: Date;
  readonly snapshot: unknown;
};

/** The rows are gone if and only if the transaction commits that publishes them. */
const takeMessages = statement(`
WITH taken AS (
  DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $limit FOR UPDATE SKIP LOCKED)
  RETURNING id, payment_id, sequence, kind
)
SELECT t.kind, e.* FROM taken t JOIN payment_events e USING (payment_id, sequence) ORDER BY t.id`);

const payments = await openQueue('payments');
const events = await openQueue('events');

function submitJob({ payment_id: id, sequence }: Message) {
  const delay = sequence === 1 ? 0 : AGAIN_AFTER_MS;
  return { name: 'submit', data: { id }, opts: { ...JOB, delay } };
}

function eventJob({ payment_id: id, created_at: time, ...event }: Message) {
  const { sequence, status, previous_status, cause, snapshot: payment_intent } = event;
  const data = { id, sequence, status, previous_status, cause, time, payment_intent };
  return { name: `payment.${status}`, data, opts: JOB };
}

/** A batch whose commit fails is published again: fence and inbox drop the repetition. */
async function publishBatch(): Promise<number> {
  const client = await database.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await takeMessages<Message>({ limit: BATCH_MAX }, client);
    const submissions = rows.filter(({ kind }) => kind === 'submit').map(submitJob);
    if (submissions.length > 0) await payments.addBulk(submissions);
    if (rows.length > 0) await events.addBulk(rows.map(eventJob));
    await client.query('COMMIT');
    client.release();
    return rows.length;
  } catch (error) {
    // Closing the connection rolls back, whatever state it is in.
    client.release(error as Error);
    throw error;
  }
}

let [isRunning, isAwake] = [false, false];

/** Publishes what is committed. No two passes run at once: the next one takes what is new. */
async function publish(): Promise<void> {
  isRunning = true;
  try {
    while (isAwake) {
      isAwake = false;
      if ((await publishBatch()) === BATCH_MAX) isAwake = true;
    }
  } catch (error) {
    // Nothing is lost: the rows are still there for the next sweep.
    report(error as Error);
  } finally {
    isRunning = false;
  }
}

/** Call after every commit that wrote a message. */
export function wakeRelay(): void {
  isAwake = true;
  if (!isRunning) void publish();
}

setInterval(wakeRelay, SWEEP_EVERY_MS);
