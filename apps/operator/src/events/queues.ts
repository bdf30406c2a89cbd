// Connects a command to the subscribers' queues.
import type { replayFailed } from '@quittance/events';
import { createLogger, NotReady } from '@quittance/platform';
import { RedisConnections } from '@quittance/queues';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';

/** `--subscriber`. */
export interface SubscriberOption {
  readonly subscriber?: string;
}

/** The connection to the queues, and their prefix. */
export type Queues = Pick<Parameters<typeof replayFailed>[0], 'connection' | 'prefix'>;

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

/** Runs `work` with a connection to Redis. Throws {@link OperatorError} when there is none. */
export async function withQueues(
  { queues: { url, prefix } }: Operator,
  work: (queues: Queues) => Promise<void>,
): Promise<void> {
  if (!url) throw new OperatorError('REDIS_URL is not set; this command needs Redis.');
  const log = createLogger({ name: 'quittance-cli', level: 'silent' });
  const redis = new RedisConnections({ url, log, probeKey: `${prefix}-probe` });
  try {
    await redis.check().catch((error: unknown) => {
      const why = error instanceof NotReady ? ` (${error.reason})` : '';
      throw new OperatorError(`Redis is unavailable${why}; see REDIS_URL.`);
    });
    await work({ connection: redis.producer, prefix });
  } finally {
    await redis.close();
  }
}
