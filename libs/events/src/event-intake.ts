// Between the queue and the inbox: jobs that come together share a transaction, because a transaction costs the same
// for one event as for a hundred. Alone, an event is not held up: batches form only while others are under way.
import { Batcher } from '@quittance/platform';
import type { BatchReceiver, FailedEvent } from './batch-receiver.js';
import type { PaymentEvent } from './contract.js';
import { SubjectOrder } from './subject-order.js';

/** Jobs that share a transaction, at most; with a hundred events each that is a thousand rows. */
export const JOBS_PER_TRANSACTION = 10;

/** Takes the events of jobs; see the top of this file. */
export class EventIntake {
  readonly #receiver: BatchReceiver;
  readonly #order = new SubjectOrder();
  readonly #together: Batcher<readonly PaymentEvent[], readonly FailedEvent[]>;

  /** `transactions` is the most at once for events that come the first time. */
  constructor(receiver: BatchReceiver, transactions: number) {
    this.#receiver = receiver;
    this.#together = new Batcher({
      run: (jobs) => this.#receiveTogether(jobs),
      maxBatch: JOBS_PER_TRANSACTION,
      maxConcurrent: transactions,
      // The receiver has isolated what failed; it rejects only when the database is away, which is so for all.
      isolateFailures: false,
    });
  }

  /** As {@link BatchReceiver.receive}. A further attempt goes alone: it may well fail again, and drag others along. */
  take(events: readonly PaymentEvent[], attempt: number): Promise<readonly FailedEvent[]> {
    return attempt === 1 ? this.#together.submit(events) : this.#receive(events, attempt);
  }

  async #receiveTogether(
    jobs: readonly (readonly PaymentEvent[])[],
  ): Promise<readonly (readonly FailedEvent[])[]> {
    const failed = await this.#receive(jobs.flat(), 1);
    return jobs.map((events) => failed.filter(({ event }) => events.includes(event)));
  }

  #receive(events: readonly PaymentEvent[], attempt: number): Promise<readonly FailedEvent[]> {
    const subjects = events.map((event) => event.subject);
    return this.#order.run(subjects, () => this.#receiver.receive(events, attempt));
  }
}
