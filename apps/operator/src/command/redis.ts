// Connects a command to Redis. BullMQ and ioredis are loaded when a command needs them, because
// loading them takes longer than most commands do.
import type { RedisConnections } from '@quittance/queues';
import { OperatorError } from '@quittance/operations';
import { createLogger, NotReady, type Secret } from '@quittance/platform';

/** A connection, and the prefix of every key. */
export interface ConnectedRedis {
  readonly connection: RedisConnections['producer'];
  readonly prefix: string;
}

/** The settings of the queues. `url` is undefined when no Redis is configured. */
export interface ConfiguredQueues {
  readonly url: Secret<string> | undefined;
  readonly prefix: string;
}

/** Runs `work` with a connection to Redis. Throws {@link OperatorError} when there is none. */
export async function withRedis<T>(
  { url, prefix }: ConfiguredQueues,
  work: (redis: ConnectedRedis) => Promise<T>,
): Promise<T> {
  if (!url) throw new OperatorError('REDIS_URL is not set; this command needs Redis.');
  const queues = await import('@quittance/queues');
  const log = createLogger({ name: 'quittance-cli', level: 'silent' });
  const redis = new queues.RedisConnections({ url, log, probeKey: `${prefix}-probe` });
  try {
    await redis.check().catch((error: unknown) => {
      const why = error instanceof NotReady ? ` (${error.reason})` : '';
      throw new OperatorError(`Redis is unavailable${why}; see REDIS_URL.`);
    });
    return await work({ connection: redis.producer, prefix });
  } finally {
    await redis.close();
  }
}
