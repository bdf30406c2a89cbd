// The settings of the operator's CLI. It always needs the database, keys only to encrypt a secret,
// and Redis only for events.
import { postgresSection, replicaSection } from '@quittance/persistence';
import {
  defineConfig,
  durationMs,
  list,
  optional,
  redisSection,
  secretDocument,
  secretText,
  url,
} from '@quittance/platform';
import { parseNextKeySet } from '@quittance/vault';
import { fourEyesSection, reasonSection } from '@quittance/operations';

/**
 * Captures, refunds and disputes have arrived weeks later; an inquiry finds any that arrive after
 * that.
 */
const CALLBACK_GRACE_MS = 30 * 86_400_000;

/** The settings of commands that call the API as a merchant does. */
const apiSection = {
  url: url('QUITTANCE_URL', {
    description: 'address of the API, for `quittance import`',
    schemes: ['http', 'https'],
    default: 'http://127.0.0.1:3000',
  }),
  key: optional(
    secretText('QUITTANCE_API_KEY', {
      description: "a merchant's API key, for `quittance import`",
    }),
  ),
};

/** The settings of `quittance import`, which needs no database. */
export const importConfig = defineConfig({ api: apiSection });

export const cliConfig = defineConfig({
  api: apiSection,
  postgres: { databaseUrl: postgresSection.databaseUrl, pooler: postgresSection.pooler },
  replica: replicaSection,
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
          "the operator's key set, to encrypt terminal keys: a file path, or the JSON itself",
        parse: parseNextKeySet,
      }),
    ),
  },
  rotation: {
    callbackGraceMs: durationMs('CALLBACK_GRACE_MS', {
      description:
        'time after its end in which a payment may still get a callback, so the key of its address stays',
      default: CALLBACK_GRACE_MS,
    }),
  },
  terminals: {
    privateKey: optional(
      secretText('TERMINAL_PRIVATE_KEY', {
        description: 'private key for `terminals add`, when it must not appear in the process list',
      }),
    ),
  },
  operators: {
    key: optional(
      secretText('QUITTANCE_OPERATOR_KEY', {
        description:
          'key of the person at the CLI; required for changes once an operator is registered',
      }),
    ),
    ...reasonSection,
  },
  fourEyes: fourEyesSection,
});
