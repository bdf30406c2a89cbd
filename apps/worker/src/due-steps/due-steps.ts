// Turns due times in Postgres into jobs, for payments and refunds: retries, inquiries, sweeps, and
// steps whose jobs Redis has lost. One column holds the due time and one statement claims it; a
// step whose job is lost comes due again. Each pass claims open payments first and ended ones last.
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

/**
 * Steps that one pass claims: few, so that the jobs of the worker never wait long for it. The next
 * pass follows a full one at once.
 */
const CLAIMED_MAX = 100;
/** Steps of the watch that one pass claims. No pass follows at once. */
const WATCHED_MAX = 500;
/**
 * Most jobs in the queue of the watch: seconds of work. Further due payments wait in Postgres,
 * where they cost nothing.
 */
export const WATCHED_QUEUED_MAX = 1_000;
/**
 * Longer than any step takes, so that a step in progress is not claimed twice; short enough to
 * detect a lost job. The claim of a payment that has been queued for longer lasts as long again.
 */
export const DUE_LEASE_MS = 60_000;
/** The pause after jobs could not be added, so that passes do not claim steps in vain. */
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
   * Adds jobs for ended payments, no more than their queue has room for: a payment that is claimed
   * too early is claimed twice.
   */
  async #watch(claim: Claim): Promise<void> {
    const room = WATCHED_QUEUED_MAX - (await this.jobs.backlog('payment.watch.v1'));
    if (room <= 0) return;
    const limit = Math.min(room, WATCHED_MAX);
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
      // Otherwise a short outage of Redis would delay each of these steps by a whole lease. If a
      // job was added all the same, the next claim adds it again under the same id.
      await this.#release(jobs, claim);
      throw error;
    }
    crashPoint('due-steps.after-enqueue');
  }

  /** Never rejects: a claim that is not released expires with its lease. */
  async #release(jobs: readonly NewJob[], { now, leaseUntil }: Claim): Promise<void> {
    const ids = jobs.map(({ payload }) => payload);
    const paymentIds = ids.flatMap((id) => ('paymentId' in id ? [id.paymentId] : []));
    const refundIds = ids.flatMap((id) => ('refundId' in id ? [id.refundId] : []));
    const release = { now, leaseUntil, dueAt: new Date(now.getTime() + RETRY_AFTER_MS) };
    await Promise.allSettled([
      this.payments.release({ ...release, ids: paymentIds }),
      this.refunds.releaseDue({ ...release, ids: refundIds }),
    ]);
  }
}

function jobFor(step: DueStep, at: Date): NewJob {
  return step.status === 'queued' ? submissionJob({ ...step, at }) : inquiryJob({ ...step, at });
}
