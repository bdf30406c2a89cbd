// What the operator's CLI is told by its environment. It needs the database; keys only where it
// seals a secret, Redis only for events.
import { postgresSection } from '@quittance/persistence';
import {
  defineConfig,
  durationMs,
  flag,
  integer,
  list,
  optional,
  secretDocument,
  secretText,
} from '@quittance/platform';
import { redisSection } from '@quittance/queues';
import { parseNextKeySet } from '@quittance/vault';
import { amountLimits } from '@quittance/operations';

/**
 * The next shift can still decide; what nobody wanted for a day was not urgent, and what was seen
 * then may be old.
 */
const PROPOSAL_EXPIRES_AFTER_MS = 86_400_000;

/**
 * Captures, refunds and disputes have been seen weeks later; what comes after that, the inquiry has
 * to find.
 */
const CALLBACK_GRACE_MS = 30 * 86_400_000;

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
        parse: parseNextKeySet,
      }),
    ),
  },
  rotation: {
    callbackGraceMs: durationMs('CALLBACK_GRACE_MS', {
      description:
        'how long after its end a payment may still get a callback, so that the key of its address is kept',
      default: CALLBACK_GRACE_MS,
    }),
  },
  terminals: {
    privateKey: optional(
      secretText('TERMINAL_PRIVATE_KEY', {
        description:
          'the private key for `terminals add`, where it must not be in the process list',
      }),
    ),
  },
  operators: {
    key: optional(
      secretText('QUITTANCE_OPERATOR_KEY', {
        description:
          'the key of the person at the CLI; needed to change anything once an operator is registered',
      }),
    ),
    isWhyRequired: flag('OPERATOR_WHY_REQUIRED', {
      description: 'whether each command that changes something needs --why or --evidence',
      default: false,
    }),
  },
  fourEyes: {
    above: optional(
      amountLimits('FOUR_EYES_ABOVE', {
        description: 'amounts above which a resolution needs a second person; not set: never',
      }),
    ),
    bulkAbove: optional(
      integer('FOUR_EYES_BULK_ABOVE', {
        description:
          'how many failed entries one person may replay with one command; not set: any number',
      }),
    ),
    expiresAfterMs: durationMs('PROPOSAL_EXPIRES_AFTER_MS', {
      description: 'how long a proposal can be approved',
      min: 1_000,
      default: PROPOSAL_EXPIRES_AFTER_MS,
    }),
  },
});
