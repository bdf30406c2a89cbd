// The failed sets of the subscribers' queues, over a connection of one command.
import type { FailedSets } from '@quittance/operations';
import { type ConfiguredQueues, withRedis } from '../command/redis.js';

/** Runs `work` with the failed sets. Throws OperatorError when there is no Redis. */
export async function withFailedSets<T>(
  queues: ConfiguredQueues,
  work: (sets: FailedSets) => Promise<T>,
): Promise<T> {
  const { countFailed, listFailed, replayFailed } = await import('@quittance/events');
  return withRedis(queues, (redis) => {
    const selected = (subscriber: string, id: string | null) => ({
      ...redis,
      subscriber,
      ...(id !== null && { id }),
    });
    return work({
      list: (subscriber, limit) => listFailed({ ...redis, subscriber }, limit),
      count: (subscriber, id) => countFailed(selected(subscriber, id)),
      replay: (subscriber, id) => replayFailed(selected(subscriber, id)),
    });
  });
}
