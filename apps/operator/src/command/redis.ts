// Connects a command to Redis. BullMQ and ioredis are loaded when a command needs them, because
// loading them takes longer than most commands do.
import type { RedisConnections } from '@quittance/queues';
import { OperatorError } from '@quittance/operations';
import { createLogger, NotReady } from '@quittance/platform';
import type { Operator } from './operator.js';

/** A connection, and the prefix of every key. */
export interface ConnectedRedis {
  readonly connection: RedisConnections['producer'];
  readonly prefix: string;
}

/** Runs `work` with a connection to Redis. Throws {@link OperatorError} when there is none. */
export async function withRedis(
  { queues: { url, prefix } }: Operator,
  work: (redis: ConnectedRedis) => Promise<void>,
): Promise<void> {
  if (!url) throw new OperatorError('REDIS_URL is not set; this command needs Redis.');
  const queues = await import('@quittance/queues');
  const log = createLogger({ name: 'quittance-cli', level: 'silent' });
  const redis = new queues.RedisConnections({ url, log, probeKey: `${prefix}-probe` });
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
