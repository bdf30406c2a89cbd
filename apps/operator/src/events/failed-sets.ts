// The failed sets of the subscribers' queues, over a connection of one command.
import type { FailedSets } from '@quittance/operations';
import { type ConfiguredQueues, withRedis } from '../command/redis.js';

/** Runs `work` with the failed sets. Throws OperatorError when there is no Redis. */
export async function withFailedSets<T>(
  queues: ConfiguredQueues,
  work: (sets: FailedSets) => Promise<T>,
): Promise<T> {
  const { failedSets } = await import('@quittance/events');
  return withRedis(queues, (redis) => work(failedSets(redis)));
}
