// The settings of every process that uses Redis.
import { z } from 'zod';
import { Secret } from '../secret.js';
import { redisUrlProblem } from './redis-url.js';
import { text } from './text-variables.js';
import { variable } from './variable.js';

const urlOptions = {
  description:
    'Redis or Valkey for the queues, the Sentinels that know its primary, or nodes of its Cluster; needs maxmemory-policy noeviction',
};

export const redisSection = {
  url: variable<Secret<string>>('REDIS_URL', urlOptions, {
    expected:
      'a redis:// or rediss:// URL, redis+sentinel:// or rediss+sentinel:// with hosts and /<name of the primary>, or redis+cluster:// or rediss+cluster:// with hosts',
    isSecret: true,
    schema: z
      .string()
      .superRefine((value, context) => {
        const problem = redisUrlProblem(value);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      })
      .transform((value) => new Secret(value)),
  }),
  prefix: text('QUEUE_PREFIX', {
    description: 'first part of every key in Redis; the same in all processes',
    default: 'quittance',
    pattern: /^[a-z0-9-]{1,40}$/,
    expected: '1 to 40 of a-z, 0-9 and -',
  }),
};
