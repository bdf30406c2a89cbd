// Turns due times in Postgres into jobs, for payments and refunds. Retries, inquiries, sweeps and
// jobs that Redis lost all come through here. One column holds the due time and one statement
// claims it; a step whose job is lost comes due again. Open payments are claimed first; the watch
// over ended payments takes what is left.
import { Injectable } from '@nestjs/common';
import { type Claim, DuePayments, type DueStep, Refunds } from '@quittance/persistence';
import { Clock, crashPoint } from '@quittance/platform';
import {
  inquiryJob,
  JobProducer,
  type NewJob,
  refundJob,
  submissionJob,
  watchJob,
} from '@quittance/queues';

/** One pass claims this many; a full pass is followed by the next at once. */
const CLAIMED_MAX = 500;
/**
 * Jobs of the watch in their queue: seconds of work. What is due beyond them waits in Postgres,
 * where it costs nothing.
 */
export const WATCHED_QUEUED_MAX = 1_000;
/**
 * Longer than any step takes, so that a step under way is not claimed twice; short enough for a
 * lost job to be noticed.
 */
export const DUE_LEASE_MS = 60_000;
/** Pause after jobs could not be added, so that steps are not claimed in vain each second. */
export const RETRY_AFTER_MS = 5_000;

@Injectable()
export class DueSteps {
  constructor(
    private readonly payments: DuePayments,
    private readonly refunds: Refunds,
    private readonly jobs: JobProducer,
    private readonly clock: Clock,
  ) {}

  /** Runs one pass. Resolves with `'again'` when more steps of open payments may be due. */
  async enqueue(): Promise<'again' | undefined> {
    const now = this.clock.now();
    const claim = { now, leaseUntil: new Date(now.getTime() + DUE_LEASE_MS), limit: CLAIMED_MAX };
    const [due, dueRefunds] = await Promise.all([
      this.payments.claim(claim),
      this.refunds.claimDue(claim),
    ]);
    await this.#add(
      [
        ...due.map((step) => jobFor(step, now)),
        ...dueRefunds.map((step) => refundJob({ ...step, at: now })),
      ],
      claim,
    );
    const isFull = due.length === CLAIMED_MAX || dueRefunds.length === CLAIMED_MAX;
    if (isFull) return 'again';
    await this.#watch(claim);
    return undefined;
  }

  /**
   * The watch takes what is left of a pass, and no more than its queue has room for: what is
   * claimed too early is claimed twice.
   */
  async #watch(claim: Claim): Promise<void> {
    const room = WATCHED_QUEUED_MAX - (await this.jobs.backlog('payment.watch.v1'));
    if (room <= 0) return;
    const limit = Math.min(room, CLAIMED_MAX);
    const watched = await this.payments.claimWatched({ ...claim, limit });
    await this.#add(
      watched.map((step) => watchJob({ ...step, at: claim.now })),
      claim,
    );
  }

  async #add(jobs: readonly NewJob[], claim: Claim): Promise<void> {
    if (jobs.length === 0) return;
    crashPoint('due-steps.after-claim');
    try {
      await this.jobs.add(jobs);
    } catch (error) {
      // Otherwise a short outage of Redis delays each of these steps by a whole lease. A job that
      // was added after all is the same job when the step is claimed once more.
      await this.#release(jobs, claim);
      throw error;
    }
    crashPoint('due-steps.after-enqueue');
  }

  /** Does not reject: claims that stay end with their lease. */
  async #release(jobs: readonly NewJob[], { now, leaseUntil }: Claim): Promise<void> {
    const ids = jobs.map(({ payload }) => payload);
    const paymentIds = ids.flatMap((id) => ('paymentId' in id ? [id.paymentId] : []));
    const refundIds = ids.flatMap((id) => ('refundId' in id ? [id.refundId] : []));
    const release = { leaseUntil, dueAt: new Date(now.getTime() + RETRY_AFTER_MS) };
    await Promise.allSettled([
      this.payments.release({ ...release, ids: paymentIds }),
      this.refunds.releaseDue({ ...release, ids: refundIds }),
    ]);
  }
}

function jobFor(step: DueStep, at: Date): NewJob {
  return step.status === 'queued' ? submissionJob({ ...step, at }) : inquiryJob({ ...step, at });
}
