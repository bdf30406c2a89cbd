// The settings of the api.
import { EventSettings, KeySettings } from '@quittance/modules';
import { fourEyesSection, reasonSection } from '@quittance/operations';
import { PostgresSettings, ReplicaSettings } from '@quittance/persistence';
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
  tracesSection,
  url,
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

/**
 * Far more than a second's worth of one process, which works on some thousand requests a second.
 * More would only wait for each other.
 */
const KEY_REQUESTS_IN_FLIGHT = 2_000;

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
  inFlight: integer('KEY_REQUESTS_IN_FLIGHT', {
    description:
      'most requests of one API key in progress at once in one process; further ones get 429. Held responses do not count',
    min: 1,
    default: KEY_REQUESTS_IN_FLIGHT,
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

/** One line is 64 KiB at most, and so a call costs a few megabytes of memory. */
const BATCHES_MAX = 20;
const BATCHES_PER_KEY_MAX = 4;
/** Longer than any pause of a network, and shorter than the patience of a person who waits. */
const BATCH_IDLE_MS = 30_000;
/** A day's subscriptions of a large merchant. */
const BATCH_LINES_MAX = 1_000_000;

/** The limits on batches. */
export class BatchSettings extends settings({
  max: integer('BATCHES_MAX', {
    description: 'most batch calls at once; further ones get 429',
    min: 1,
    default: BATCHES_MAX,
  }),
  maxPerKey: integer('BATCHES_PER_KEY_MAX', {
    description: 'the same for one API key',
    min: 1,
    default: BATCHES_PER_KEY_MAX,
  }),
  idleMs: durationMs('BATCH_IDLE_MS', {
    description:
      'longest wait of a batch call for the end of its next line, or for its caller to read',
    min: 100,
    default: BATCH_IDLE_MS,
  }),
  linesMax: integer('BATCH_LINES_MAX', {
    description: 'most lines of one batch call; a line has at most 64 KiB',
    min: 1,
    max: 1_000_000_000,
    default: BATCH_LINES_MAX,
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

/** A quarter of the default of SUBMIT_WITHIN_MS: what is accepted should still be sent. */
const BACKLOG_AGE_MAX_MS = 900_000;
/** A third of the time after which a request without a connection fails. */
const POSTGRES_WAIT_MAX_MS = 1_000;

/** The limits beyond which requests are shed. */
export class PressureSettings extends settings({
  backlogAgeMs: durationMs('BACKLOG_AGE_MAX_MS', {
    description:
      'age of a terminal’s oldest queued payment beyond which its new payments get 503; its batches and published payments wait from half of it',
    min: 1_000,
    default: BACKLOG_AGE_MAX_MS,
  }),
  postgresWaitMs: durationMs('POSTGRES_WAIT_MAX_MS', {
    description:
      'wait for a connection to Postgres beyond which new payments get 503; lists, events, batches and published payments from half of it',
    min: 10,
    default: POSTGRES_WAIT_MAX_MS,
  }),
}) {}

/** The api's address in messages to others. */
export class AddressSettings extends settings({
  publicUrl: url('PUBLIC_API_URL', {
    description:
      'base URL under which callers and payers reach the api, for return pages, authurl and authstatus',
    default: 'http://127.0.0.1:3000',
  }),
}) {}

/** Returns the api's base URL without a slash at its end, a query or a fragment. */
export function baseUrlOf({ publicUrl }: AddressSettings): string {
  const { origin, pathname } = new URL(publicUrl);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

/** Longer than the worker's default wait for the gateway, so that its timeout is seen here too. */
const DROP_IN_WAIT_MS = 35_000;

/** The settings of requests in the gateway's form. */
export class DropInSettings extends settings({
  waitMs: durationMs('DROP_IN_WAIT_MS', {
    description: 'longest wait of a request in the gateway’s form for the gateway’s reply',
    min: 100,
    default: DROP_IN_WAIT_MS,
  }),
}) {}

/** PCI DSS 8.2.8: whoever was idle for more than 15 minutes signs in again. */
const SESSION_IDLE_MS = 15 * 60_000;
/** A shift. */
const SESSION_MS = 12 * 3_600_000;

/** The settings of the operations page. */
export class OpsSettings extends settings({
  sessionIdleMs: durationMs('OPS_SESSION_IDLE_MS', {
    description: 'time without use after which a session at the operations page is over',
    min: 1_000,
    default: SESSION_IDLE_MS,
  }),
  sessionMs: durationMs('OPS_SESSION_MS', {
    description: 'longest session at the operations page, however much it is used',
    min: 1_000,
    default: SESSION_MS,
  }),
}) {}

/** The settings of operators' actions, those of the CLI. */
export class ActionSettings extends settings({ ...reasonSection, ...fourEyesSection }) {}

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
  traces: tracesSection,
  limits: LimitSettings,
  longPolls: LongPollSettings,
  batches: BatchSettings,
  postgres: PostgresSettings,
  replica: ReplicaSettings,
  redis: RedisSettings,
  events: EventSettings,
  keys: KeySettings,
  addresses: AddressSettings,
  intake: IntakeSettings,
  pressure: PressureSettings,
  dropIn: DropInSettings,
  ops: OpsSettings,
  actions: ActionSettings,
});

export type ApiConfig = ConfigOf<(typeof apiConfig)['shape']>;
