// A worker that cannot reach its Postgres gives its jobs back, so that others, which may reach it, take them. That uses up none of
// a job's tries: in the failed set its id would block the payment's step for every worker for an hour.
import { Unavailable } from '@quittance/platform';
import { isDatabaseAway } from '@quittance/postgres';
import type { JobHandler } from '@quittance/queues';

/** As `handler`; Postgres's absence is reported to the queue as one that passes. */
export function givesBack({ name, run }: JobHandler): JobHandler {
  return {
    name,
    run: async (payload, queue) => {
      try {
        await run(payload, queue);
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        throw new Unavailable('unavailable', 'Postgres is away.', { cause: error });
      }
    },
  };
}
