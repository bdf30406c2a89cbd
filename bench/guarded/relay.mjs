// The way from a commit to the queues, in every process that commits messages. Whoever commits one pokes its own relay; what a
// dead process left behind is swept up by the others.
import { Queue } from 'bullmq';
import { EVENTS_QUEUE, PAYMENTS_QUEUE, settings } from '../by-hand/settings.mjs';
import { TAKE_MESSAGES } from './statements.mjs';

const BATCH_MAX = 200;
const SWEEP_EVERY_MS = 1_000;
/** A payment that could not be sent is not tried again at once. */
const AGAIN_AFTER_MS = 2_000;
const JOB = {
  removeOnComplete: true,
  removeOnFail: 1000,
  attempts: 20,
  backoff: { type: 'exponential', delay: 500 },
};

const submitJob = ({ payment_id: id, sequence }) => ({
  name: 'submit',
  data: { id },
  opts: { ...JOB, delay: sequence === 1 ? 0 : AGAIN_AFTER_MS },
});

const eventJob = (event) => ({
  name: `payment.${event.status}`,
  data: {
    id: event.payment_id,
    sequence: event.sequence,
    status: event.status,
    previous_status: event.previous_status,
    cause: event.cause,
    time: event.created_at,
    payment_intent: event.snapshot,
  },
  opts: JOB,
});

export class Relay {
  #database;
  #submissions = new Queue(PAYMENTS_QUEUE, { connection: settings.redis });
  #events = new Queue(EVENTS_QUEUE, { connection: settings.redis });
  #isRunning = false;
  #isPoked = false;

  /** @param {import('pg').Pool} database */
  constructor(database) {
    this.#database = database;
  }

  async start() {
    await Promise.all([this.#submissions.waitUntilReady(), this.#events.waitUntilReady()]);
    setInterval(() => this.poke(), SWEEP_EVERY_MS);
  }

  /** Call after every commit that wrote a message. Never two passes at once: what is committed during one is taken by the next. */
  poke() {
    this.#isPoked = true;
    if (!this.#isRunning) void this.#run();
  }

  async #run() {
    this.#isRunning = true;
    try {
      while (this.#isPoked) {
        this.#isPoked = false;
        if ((await this.#pass()) === BATCH_MAX) this.#isPoked = true;
      }
    } catch (error) {
      // Nothing is lost: the rows are still there, and the next sweep tries again.
      process.stderr.write(`relay: ${error.message}\n`);
    } finally {
      this.#isRunning = false;
    }
  }

  async #pass() {
    const client = await this.#database.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query({ ...TAKE_MESSAGES, values: [BATCH_MAX] });
      await this.#publish(rows);
      await client.query('COMMIT');
      client.release();
      return rows.length;
    } catch (error) {
      // Closing the connection rolls back, whatever state it is in.
      client.release(error);
      throw error;
    }
  }

  /** A batch whose commit fails is published again: the fence and the inbox drop what comes twice. */
  async #publish(rows) {
    const submissions = rows.filter(({ kind }) => kind === 'submit').map(submitJob);
    if (submissions.length > 0) await this.#submissions.addBulk(submissions);
    if (rows.length > 0) await this.#events.addBulk(rows.map(eventJob));
  }
}
