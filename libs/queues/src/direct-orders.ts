// Adds the first job of a payment or refund directly after its commit, ahead of the relay of the
// outbox, and spares the relay the jobs that were added. A second addition would be dropped by its
// id, but would use up a turn of the merchant.
import type { Logger } from '@quittance/platform';
import type { JobProducer } from './job-producer.js';
import type { NewJob } from './jobs.js';

/** Most jobs to remember. The relay of another process takes the rows of some. */
const REMEMBERED_MAX = 10_000;

/** The orders of one process; see the top of this file. */
export class DirectOrders {
  /** The ids of added jobs, oldest first. */
  readonly #added = new Set<string>();

  constructor(
    private readonly jobs: Pick<JobProducer, 'add'>,
    private readonly log: Logger,
  ) {}

  /** Adds the jobs at once. Never rejects: the relay adds those that could not be added. */
  async add(jobs: readonly NewJob[]): Promise<void> {
    try {
      await this.jobs.add(jobs);
    } catch (error) {
      this.log.debug({ err: error }, 'orders wait for the relay');
      return;
    }
    for (const { jobId } of jobs) this.#added.add(jobId);
    for (const jobId of this.#added) {
      if (this.#added.size <= REMEMBERED_MAX) break;
      this.#added.delete(jobId);
    }
  }

  /** Returns the jobs that were not added directly, and forgets the others. */
  remaining(jobs: readonly NewJob[]): NewJob[] {
    return jobs.filter(({ jobId }) => !this.#added.delete(jobId));
  }
}
