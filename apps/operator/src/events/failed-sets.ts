// The failed sets of the subscribers' queues.
import type { listFailed } from '@quittance/events';
import type { Operator } from '../command/operator.js';
import { withRedis } from '../command/redis.js';
import { OperatorError } from '@quittance/operations';

/** `--subscriber`. */
export interface SubscriberOption {
  readonly subscriber?: string;
}

/** The failed sets of the subscribers. `id` is of an entry or of an event; null means all. */
export interface FailedSets {
  list(subscriber: string, limit: number): ReturnType<typeof listFailed>;
  count(subscriber: string, id: string | null): Promise<number>;
  /** Returns the number of entries that are back on the queue. */
  replay(subscriber: string, id: string | null): Promise<number>;
}

/**
 * Returns the chosen subscribers. Throws {@link OperatorError} for an unknown name, whose queue
 * would never receive an event.
 */
export function subscribersOf(
  { queues }: Operator,
  { subscriber }: SubscriberOption,
): readonly string[] {
  if (subscriber === undefined) return queues.subscribers;
  if (queues.subscribers.includes(subscriber)) return [subscriber];
  throw new OperatorError(
    `There is no subscriber "${subscriber}"; EVENT_SUBSCRIBERS names ${queues.subscribers.join(', ')}.`,
  );
}

/** Runs `work` with the failed sets. Throws {@link OperatorError} when there is no Redis. */
export async function withFailedSets(
  operator: Operator,
  work: (sets: FailedSets) => Promise<void>,
): Promise<void> {
  const { countFailed, listFailed, replayFailed } = await import('@quittance/events');
  await withRedis(operator, async (redis) => {
    const selected = (subscriber: string, id: string | null) => ({
      ...redis,
      subscriber,
      ...(id !== null && { id }),
    });
    await work({
      list: (subscriber, limit) => listFailed({ ...redis, subscriber }, limit),
      count: (subscriber, id) => countFailed(selected(subscriber, id)),
      replay: (subscriber, id) => replayFailed(selected(subscriber, id)),
    });
  });
}
