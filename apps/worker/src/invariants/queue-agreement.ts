// Compares the queues with Postgres: a job may name only a payment or refund that exists, and no
// event may have failed for good. Reads the oldest jobs of each queue, because bad jobs stay there.
import { Injectable } from '@nestjs/common';
import { subscriberQueue } from '@quittance/events';
import { EventSettings } from '@quittance/modules';
import { Payments, Refunds } from '@quittance/persistence';
import { type JobName, JOBS, queueOf, QueueRegistry } from '@quittance/queues';
import type { Violation } from './violation.js';

/** The kinds of violations that queues can show. */
export const QUEUE_VIOLATIONS = [
  'job_without_payment',
  'job_without_refund',
  'event_given_up',
] as const;

const JOBS_LOOKED_AT = 100;
const WAITING = ['waiting', 'prioritized', 'delayed', 'failed'] as const;

/** The records that the jobs of a queue refer to. */
interface Subject {
  /** The kind of violation to report. */
  readonly kind: (typeof QUEUE_VIOLATIONS)[number];
  /** A job whose payload is the record's id. */
  readonly job: JobName;
  /** Resolves with `undefined` when the record does not exist. */
  readonly load: (id: string) => Promise<unknown>;
}

@Injectable()
export class QueueAgreement {
  constructor(
    private readonly queues: QueueRegistry,
    private readonly payments: Payments,
    private readonly refunds: Refunds,
    private readonly settings: EventSettings,
  ) {}

  async find(lanes: readonly string[]): Promise<Violation[]> {
    const ofPayments: Subject = {
      kind: 'job_without_payment',
      job: 'payment.inquire.v1',
      load: (id) => this.payments.load(id),
    };
    const ofRefunds: Subject = {
      kind: 'job_without_refund',
      job: 'refund.advance.v1',
      load: (id) => this.refunds.load(id),
    };
    const found = await Promise.all([
      this.#jobsWithout(ofPayments, queueOf('payment.inquire.v1')),
      this.#jobsWithout(ofPayments, queueOf('payment.watch.v1')),
      ...lanes.map((lane) => this.#jobsWithout(ofPayments, queueOf('payment.submit.v1', lane))),
      this.#jobsWithout(ofRefunds, queueOf('refund.advance.v1')),
      ...this.settings.subscribers.map((subscriber) => this.#eventsGivenUp(subscriber)),
    ]);
    return found.flat();
  }

  async #jobsWithout({ kind, job, load }: Subject, queue: string): Promise<Violation[]> {
    const jobs = await this.queues.get(queue).getJobs([...WAITING], 0, JOBS_LOOKED_AT - 1, true);
    // A payload that does not match the schema is not repeated here; the worker rejects its job.
    const ids = jobs.flatMap(({ data }) => {
      const read = JOBS[job].payload.safeParse(data);
      return read.success ? Object.values(read.data) : [];
    });
    const known = await Promise.all(ids.map((id) => load(id)));
    return ids.filter((_, at) => known[at] === undefined).map((id) => ({ kind, subject: id }));
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
