// A worker that cannot reach Postgres delays its jobs, so that another worker can take them. The
// delay uses up none of a job's tries: in the failed set its id would block the payment's step for
// every worker for an hour.
import { Unavailable } from '@quittance/platform';
import { isDatabaseUnavailable } from '@quittance/postgres';
import type { JobHandler } from '@quittance/queues';

/** As `handler`, but an unavailable Postgres delays the job. */
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
