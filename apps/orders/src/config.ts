// The settings of the order domain, with the reason of each default.
import {
  type ConfigOf,
  defineConfig,
  durationMs,
  httpSection,
  integer,
  oneOf,
  secretUrl,
  settings,
  text,
  tracesSection,
} from '@quittance/platform';
import { POOLERS } from '@quittance/postgres';
import { consumptionFault, ConsumptionSettings, RedisSettings } from '@quittance/queues';

/** The order domain's own database. */
export class DatabaseSettings extends settings({
  databaseUrl: secretUrl('ORDERS_DATABASE_URL', {
    description: "the order domain's own Postgres database; never the one of Quittance",
    schemes: ['postgres', 'postgresql'],
  }),
  connections: integer('ORDERS_DATABASE_CONNECTIONS', {
    description: 'most connections the order domain opens',
    default: 8,
    min: 2,
    max: 200,
  }),
  pooler: oneOf('ORDERS_DATABASE_POOLER', POOLERS, {
    description: 'as DATABASE_POOLER, for the database of the order domain',
    default: 'none',
  }),
}) {}

/** The subscription to payment events, and how they are handled. */
export class SubscriptionSettings extends settings({
  subscriber: text('ORDERS_SUBSCRIBER', {
    description: 'name under which the order domain is subscribed (one of EVENT_SUBSCRIBERS)',
    default: 'orders',
    pattern: /^[a-z0-9-]{1,40}$/,
    expected: '1 to 40 of a-z, 0-9 and -',
  }),
  // Two: one works while the other waits for its commit. More would make the transactions smaller,
  // not faster.
  transactions: integer('ORDERS_EVENT_TRANSACTIONS', {
    description: 'most transactions with events at once; each holds a connection',
    default: 2,
    min: 1,
  }),
  lockDurationMs: durationMs('ORDERS_EVENT_LOCK_MS', {
    description: 'time after which the events of an unresponsive order domain are delivered again',
    default: 30_000,
    min: 1_000,
  }),
  // As long as Quittance keeps the events themselves.
  inboxDays: integer('ORDERS_INBOX_DAYS', {
    description:
      'days without an event of a payment after which the record of its handled events ends but for the newest; 0 never',
    default: 550,
    max: 36_500,
  }),
}) {}

export const ordersConfig = defineConfig(
  {
    http: httpSection('ORDERS_PORT', { description: 'port of the order domain', default: 3002 }),
    traces: tracesSection,
    postgres: DatabaseSettings,
    redis: RedisSettings,
    events: SubscriptionSettings,
    consumption: ConsumptionSettings,
  },
  [
    ({ consumption }) => consumptionFault(consumption),
    ({ postgres, events }) =>
      events.transactions < postgres.connections
        ? undefined
        : 'ORDERS_EVENT_TRANSACTIONS must be below ORDERS_DATABASE_CONNECTIONS, or reads wait for events',
  ],
);

export type OrdersConfig = ConfigOf<(typeof ordersConfig)['shape']>;
