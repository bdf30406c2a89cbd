// The settings of every process that uses Redis.
import { secretUrl, text } from '@quittance/platform';

/** Spread into a process's config: `redis: redisSection`. */
export const redisSection = {
  url: secretUrl('REDIS_URL', {
    description: 'Redis of the queues (noeviction and AOF: it holds work, not a cache)',
    schemes: ['redis', 'rediss'],
  }),
  prefix: text('QUEUE_PREFIX', {
    description: 'first part of every key in Redis; the same in every process',
    default: 'quittance',
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    expected: '1 to 64 letters, digits, _ or -',
  }),
};
