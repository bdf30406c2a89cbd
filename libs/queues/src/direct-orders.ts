// Adds jobs directly after the commit that makes them due. The first job of a payment or refund is
// ahead of the relay of the outbox, which is spared the jobs that were added: a second addition
// would be dropped by its id, but would use up a turn of the merchant.
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
    if (!(await this.addDue(jobs))) return;
    for (const { jobId } of jobs) this.#added.add(jobId);
    for (const jobId of this.#added) {
      if (this.#added.size <= REMEMBERED_MAX) break;
      this.#added.delete(jobId);
    }
  }

  /**
   * Adds jobs of steps that have a due time in Postgres. Never rejects; resolves with false if they
   * could not be added. Then the due time adds them.
   */
  async addDue(jobs: readonly NewJob[]): Promise<boolean> {
    try {
      await this.jobs.add(jobs);
      return true;
    } catch (error) {
      this.log.debug({ err: error }, 'direct orders could not be added');
      return false;
    }
  }

  /** Returns the jobs that were not added directly, and forgets the others. */
  remaining(jobs: readonly NewJob[]): NewJob[] {
    return jobs.filter(({ jobId }) => !this.#added.delete(jobId));
  }
}
