// The settings of every process that uses Redis.
import { secretUrl, text } from './text-variables.js';

export const redisSection = {
  url: secretUrl('REDIS_URL', {
    description: 'Redis or Valkey for the queues; needs maxmemory-policy noeviction',
    schemes: ['redis', 'rediss'],
  }),
  prefix: text('QUEUE_PREFIX', {
    description: 'first part of every key in Redis; the same in all processes',
    default: 'quittance',
    pattern: /^[a-z0-9-]{1,40}$/,
    expected: '1 to 40 of a-z, 0-9 and -',
  }),
};
