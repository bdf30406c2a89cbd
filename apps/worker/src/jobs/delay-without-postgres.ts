// Delays the jobs of a worker that cannot reach Postgres, so that another worker can take them. The
// delay does not use up an attempt: a job in the failed set would block its payment's step for
// every worker for an hour.
import { Unavailable } from '@quittance/platform';
import { isDatabaseUnavailable } from '@quittance/postgres';
import type { JobHandler } from '@quittance/queues';

/** Wraps `handler` so that an unavailable Postgres delays the job. */
export function delayWithoutPostgres({ name, run }: JobHandler): JobHandler {
  return {
    name,
    run: async (payload, queue) => {
      try {
        await run(payload, queue);
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error;
        throw new Unavailable('unavailable', 'Postgres is unavailable.', { cause: error });
      }
    },
  };
}
