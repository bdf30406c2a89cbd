// What the webhook app is told by its environment.
import { postgresSection } from '@quittance/persistence';
import {
  type ConfigOf,
  defineConfig,
  integer,
  list,
  LOG_LEVELS,
  oneOf,
  port,
  secretDocument,
  text,
} from '@quittance/platform';
import { redisSection } from '@quittance/queues';
import { parseKeySet } from '@quittance/vault';

export const webhookConfig = defineConfig({
  http: {
    host: text('HOST', { description: 'address to listen on', default: '127.0.0.1' }),
    port: port('WEBHOOK_PORT', { description: 'port for the gateway’s callbacks', default: 3001 }),
    logLevel: oneOf('LOG_LEVEL', LOG_LEVELS, {
      description: 'least severe log line written',
      default: 'info',
    }),
  },
  postgres: postgresSection,
  redis: redisSection,
  events: {
    subscribers: list('EVENT_SUBSCRIBERS', {
      description: 'names of the event subscribers, each with a durable queue of its own',
      default: ['orders'],
    }),
  },
  keys: {
    keySet: secretDocument('QUITTANCE_KEYSET', {
      description: 'key set of this process: a file path, or the JSON itself',
      parse: parseKeySet,
    }),
  },
  outage: {
    // Two kilobytes each: a quarter of a gigabyte of Redis at worst, hours of callbacks.
    keptMax: integer('CALLBACKS_KEPT_MAX', {
      description:
        'most callbacks kept in Redis while Postgres is away; then the gateway is told 503',
      default: 100_000,
      min: 1,
    }),
  },
});

export type WebhookConfig = ConfigOf<(typeof webhookConfig)['shape']>;
