// A worker that cannot reach its Postgres gives its jobs back, so that others, who may reach it, take them. The job's tries are not
// used up by that: in the failed set its id would keep the payment's step from everybody for an hour.
import { Unavailable } from '@quittance/platform';
import { isDatabaseAway } from '@quittance/postgres';
import type { JobConsumer, JobHandler } from '@quittance/queues';

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

/** Takes jobs while this process can use Postgres. Those in hand go on; they give themselves back. */
export async function takeWhile(
  consumer: JobConsumer,
  checkPostgres: () => Promise<unknown>,
): Promise<void> {
  const isAway = await checkPostgres().then(
    () => false,
    () => true,
  );
  await (isAway ? consumer.pause({ waits: false }) : consumer.resume());
}
