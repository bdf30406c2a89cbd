// Compares the queues with Postgres: a job may name only a payment that exists, and no event may have been given up. Looks at
// the oldest jobs of each queue; a queue that is wrong is wrong at its old end.
import { subscriberQueue } from '@quittance/events';
import type { Payments } from '@quittance/persistence';
import { type JobPayload, type QueueRegistry, queueOf } from '@quittance/queues';
import type { Violation } from './violation.js';

/** What queues can get wrong. */
export const QUEUE_VIOLATIONS = ['job_without_payment', 'event_given_up'] as const;

const JOBS_LOOKED_AT = 100;
const WAITING = ['waiting', 'delayed', 'failed'] as const;

export class QueueAgreement {
  constructor(
    private readonly queues: QueueRegistry,
    private readonly payments: Payments,
    private readonly subscribers: readonly string[],
  ) {}

  async find(lanes: readonly string[]): Promise<Violation[]> {
    const names = [
      queueOf('payment.inquire.v1'),
      ...lanes.map((lane) => queueOf('payment.submit.v1', lane)),
    ];
    const found = await Promise.all([
      ...names.map((name) => this.#jobsWithoutPayment(name)),
      ...this.subscribers.map((subscriber) => this.#eventsGivenUp(subscriber)),
    ]);
    return found.flat();
  }

  async #jobsWithoutPayment(queue: string): Promise<Violation[]> {
    const jobs = await this.queues.get(queue).getJobs([...WAITING], 0, JOBS_LOOKED_AT - 1, true);
    const ids = jobs.map((job) => (job.data as JobPayload<'payment.inquire.v1'>).paymentId);
    const known = await Promise.all(ids.map((id) => this.payments.load(id)));
    return ids
      .filter((_, at) => known[at] === undefined)
      .map((id) => ({ kind: 'job_without_payment', subject: id }));
  }

  async #eventsGivenUp(subscriber: string): Promise<Violation[]> {
    const queue = this.queues.get(subscriberQueue(subscriber));
    const jobs = await queue.getFailed(0, JOBS_LOOKED_AT - 1);
    return jobs.map(({ id }) => ({
      kind: 'event_given_up',
      subject: `${subscriber} ${id ?? ''}`,
    }));
  }
}
