// What the api is told by its environment.
import { postgresSection } from '@quittance/persistence';
import {
  type ConfigOf,
  defineConfig,
  durationMs,
  list,
  LOG_LEVELS,
  oneOf,
  port,
  secretDocument,
  text,
} from '@quittance/platform';
import { redisSection } from '@quittance/queues';
import { parseKeySet } from '@quittance/vault';

/**
 * An hour rides out a gateway's release or a network fault, and ends before a shop's stock reservation or a payer's
 * session usually does: a charge that comes later than that surprises everybody.
 */
const SUBMIT_WITHIN_MS = 3_600_000;

export const apiConfig = defineConfig({
  http: {
    host: text('HOST', { description: 'address to listen on', default: '127.0.0.1' }),
    port: port('API_PORT', { description: 'port of the public API', default: 3000 }),
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
  intake: {
    submitWithinMs: durationMs('SUBMIT_WITHIN_MS', {
      description: 'how long an accepted payment may wait for a gateway that cannot be reached',
      min: 1_000,
      default: SUBMIT_WITHIN_MS,
    }),
  },
});

export type ApiConfig = ConfigOf<(typeof apiConfig)['shape']>;
