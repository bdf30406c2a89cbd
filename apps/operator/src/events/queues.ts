// The subscribers' queues, as a command reaches them.
import type { replayFailed } from '@quittance/events';
import { createLogger, NotReady } from '@quittance/platform';
import { RedisConnections } from '@quittance/queues';
import type { Operator } from '../command/operator.js';
import { OperatorError } from '@quittance/operations';

/** `--subscriber`. */
export interface SubscriberOption {
  readonly subscriber?: string;
}

/** Where the queues are. */
export type Queues = Pick<Parameters<typeof replayFailed>[0], 'connection' | 'prefix'>;

/** A name that nobody publishes to would be a queue that nobody fills. */
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
  if (!url) throw new OperatorError('REDIS_URL is not set; what this looks at is in Redis.');
  const log = createLogger({ name: 'quittance-cli', level: 'silent' });
  const redis = new RedisConnections({ url, log, probeKey: `${prefix}-probe` });
  try {
    await redis.check().catch((error: unknown) => {
      const why = error instanceof NotReady ? ` (${error.reason})` : '';
      throw new OperatorError(`Redis cannot be used${why}; see REDIS_URL.`);
    });
    await work({ connection: redis.producer, prefix });
  } finally {
    await redis.close();
  }
}
