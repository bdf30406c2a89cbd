// The way from a commit to the queues, in every process that commits messages. Whoever commits one
// pokes its own relay; what a dead process left behind is swept up by the others.
import { Queue } from 'bullmq';
import type { Pool } from 'pg';
import { EVENTS_QUEUE, PAYMENTS_QUEUE, settings } from '../by-hand/settings.js';
import { TAKE_MESSAGES } from './statements.js';

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

/** A row of `payment_events`, with the kind of its message. */
interface Message {
  readonly kind: string;
  readonly payment_id: string;
  readonly sequence: number;
  readonly status: string;
  readonly previous_status: string | null;
  readonly cause: string;
  readonly created_at: Date;
  readonly snapshot: unknown;
}

const submitJob = ({ payment_id: id, sequence }: Message) => ({
  name: 'submit',
  data: { id },
  opts: { ...JOB, delay: sequence === 1 ? 0 : AGAIN_AFTER_MS },
});

const eventJob = (event: Message) => ({
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
  readonly #database: Pool;
  readonly #submissions = new Queue(PAYMENTS_QUEUE, { connection: settings.redis });
  readonly #events = new Queue(EVENTS_QUEUE, { connection: settings.redis });
  #isRunning = false;
  #isPoked = false;

  constructor(database: Pool) {
    this.#database = database;
  }

  async start(): Promise<void> {
    await Promise.all([this.#submissions.waitUntilReady(), this.#events.waitUntilReady()]);
    setInterval(() => this.poke(), SWEEP_EVERY_MS);
  }

  /**
   * Call after every commit that wrote a message. Never two passes at once: what is committed
   * during one is taken by the next.
   */
  poke(): void {
    this.#isPoked = true;
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#isPoked) {
        this.#isPoked = false;
        if ((await this.#pass()) === BATCH_MAX) this.#isPoked = true;
      }
    } catch (error) {
      // Nothing is lost: the rows are still there, and the next sweep tries again.
      process.stderr.write(`relay: ${(error as Error).message}\n`);
    } finally {
      this.#isRunning = false;
    }
  }

  async #pass(): Promise<number> {
    const client = await this.#database.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query<Message>({ ...TAKE_MESSAGES, values: [BATCH_MAX] });
      await this.#publish(rows);
      await client.query('COMMIT');
      client.release();
      return rows.length;
    } catch (error) {
      // Closing the connection rolls back, whatever state it is in.
      client.release(error as Error);
      throw error;
    }
  }

  /**
   * A batch whose commit fails is published again: the fence and the inbox drop what comes twice.
   */
  async #publish(rows: readonly Message[]): Promise<void> {
    const submissions = rows.filter(({ kind }) => kind === 'submit').map(submitJob);
    if (submissions.length > 0) await this.#submissions.addBulk(submissions);
    if (rows.length > 0) await this.#events.addBulk(rows.map(eventJob));
  }
}
