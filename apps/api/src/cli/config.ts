// What the operator's CLI is told by its environment. It needs the database; keys only where it seals a secret, Redis only for
// events.
import { postgresSection } from '@quittance/persistence';
import {
  type ConfigOf,
  defineConfig,
  list,
  optional,
  secretDocument,
  secretText,
} from '@quittance/platform';
import { redisSection } from '@quittance/queues';
import { parseKeySet } from '@quittance/vault';

export const cliConfig = defineConfig({
  postgres: { databaseUrl: postgresSection.databaseUrl },
  redis: { url: optional(redisSection.url), prefix: redisSection.prefix },
  events: {
    subscribers: list('EVENT_SUBSCRIBERS', {
      description: 'names of the event subscribers, each with a durable queue of its own',
      default: ['orders'],
    }),
  },
  keys: {
    keySet: optional(
      secretDocument('QUITTANCE_KEYSET', {
        description:
          "the operator's key set, to seal terminal keys: a file path, or the JSON itself",
        parse: parseKeySet,
      }),
    ),
  },
  terminals: {
    privateKey: optional(
      secretText('TERMINAL_PRIVATE_KEY', {
        description:
          'the private key for `terminals add`, where it must not be in the process list',
      }),
    ),
  },
});

export type CliConfig = ConfigOf<(typeof cliConfig)['shape']>;
