// Turns due times in Postgres into jobs. Retries, inquiries, sweeps and whatever Redis lost all come through here, of payments and of refunds: one column
// says when, one statement claims, and a claim whose job gets lost simply comes due again.
import type { DuePayments, DueStep, Refunds } from '@quittance/persistence';
import { type Clock, crashPoint } from '@quittance/platform';
import {
  inquiryJob,
  type JobProducer,
  type NewJob,
  refundJob,
  submissionJob,
} from '@quittance/queues';

/** One pass claims this many; a full pass is followed by the next at once. */
const CLAIMED_MAX = 500;
/** Longer than any step takes, so that a step under way is not claimed twice; short enough for a lost job to be noticed. */
export const DUE_LEASE_MS = 60_000;

export class DueSteps {
  constructor(
    private readonly payments: DuePayments,
    private readonly refunds: Refunds,
    private readonly jobs: JobProducer,
    private readonly clock: Clock,
  ) {}

  /** One pass; `'again'` when more may be due. */
  async enqueue(): Promise<'again' | undefined> {
    const now = this.clock.now();
    const leaseUntil = new Date(now.getTime() + DUE_LEASE_MS);
    const claim = { now, leaseUntil, limit: CLAIMED_MAX };
    const [due, dueRefunds] = await Promise.all([
      this.payments.claim(claim),
      this.refunds.claimDue(claim),
    ]);
    const jobs = [
      ...due.map((step) => jobFor(step, now)),
      ...dueRefunds.map((step) => refundJob({ ...step, at: now })),
    ];
    if (jobs.length > 0) {
      crashPoint('due-steps.after-claim');
      await this.jobs.add(jobs);
      crashPoint('due-steps.after-enqueue');
    }
    const isFull = due.length === CLAIMED_MAX || dueRefunds.length === CLAIMED_MAX;
    return isFull ? 'again' : undefined;
  }
}

function jobFor(step: DueStep, at: Date): NewJob {
  return step.status === 'queued' ? submissionJob({ ...step, at }) : inquiryJob({ ...step, at });
}
