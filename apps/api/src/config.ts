// The settings of the api.
import { EventSettings, KeySettings } from '@quittance/modules';
import { PostgresSettings } from '@quittance/persistence';
import {
  addressRanges,
  type ConfigOf,
  defineConfig,
  durationMs,
  flag,
  httpSection,
  integer,
  optional,
  settings,
} from '@quittance/platform';
import { RedisSettings } from '@quittance/queues';

/**
 * An hour outlasts a gateway's release or a network fault. It ends before a shop's stock
 * reservation or a payer's session usually does: a later charge would surprise both.
 */
const SUBMIT_WITHIN_MS = 3_600_000;

/**
 * Above the rate of one merchant's checkout, and below the rate that would take the service from
 * the others.
 */
const KEY_REQUESTS_PER_SECOND = 5_000;

/**
 * Enough for a few people who read the documentation behind one address, and far too little for
 * guessing or noise.
 */
const ADDRESS_REQUESTS_PER_MINUTE = 300;

/** The limits on requests. */
export class LimitSettings extends settings({
  perKey: integer('KEY_REQUESTS_PER_SECOND', {
    description: 'most requests of one API key, unless the key has a limit of its own',
    unit: 'requests a second, all processes together',
    min: 1,
    default: KEY_REQUESTS_PER_SECOND,
  }),
  perAddress: integer('ADDRESS_REQUESTS_PER_MINUTE', {
    description: 'most requests without a valid key from one address, or one IPv6 /64',
    unit: 'requests a minute, all processes together',
    min: 1,
    default: ADDRESS_REQUESTS_PER_MINUTE,
  }),
}) {}

/** The limits on held responses. */
export class LongPollSettings extends settings({
  max: integer('HELD_ANSWERS_MAX', {
    description: 'most responses held at once for Prefer: wait; further ones are sent immediately',
    default: 5_000,
  }),
  maxPerKey: integer('HELD_ANSWERS_PER_KEY_MAX', {
    description: 'the same for one API key',
    default: 1_000,
  }),
}) {}

/** The settings of payment and refund intake. */
export class IntakeSettings extends settings({
  submitWithinMs: durationMs('SUBMIT_WITHIN_MS', {
    description: 'longest wait of an accepted payment for an unreachable gateway',
    min: 1_000,
    default: SUBMIT_WITHIN_MS,
  }),
}) {}

export const apiConfig = defineConfig({
  http: {
    ...httpSection('API_PORT', { description: 'port of the public API', default: 3000 }),
    trustedProxies: optional(
      addressRanges('TRUSTED_PROXIES', {
        description: 'proxies in front of the api, the only ones whose X-Forwarded-For is trusted',
      }),
    ),
    isHttpsOnly: flag('API_HTTPS_ONLY', {
      description: 'true when callers reach the api by https only; sends Strict-Transport-Security',
      default: false,
    }),
  },
  limits: LimitSettings,
  longPolls: LongPollSettings,
  postgres: PostgresSettings,
  redis: RedisSettings,
  events: EventSettings,
  keys: KeySettings,
  intake: IntakeSettings,
});

export type ApiConfig = ConfigOf<(typeof apiConfig)['shape']>;
