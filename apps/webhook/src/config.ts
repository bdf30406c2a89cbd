// What the webhook app is told by its environment.
import { KeySettings } from '@quittance/modules';
import { PostgresSettings } from '@quittance/persistence';
import {
  addressRanges,
  type ConfigOf,
  defineConfig,
  durationMs,
  httpSection,
  integer,
  optional,
  settings,
} from '@quittance/platform';
import { RedisSettings } from '@quittance/queues';

export class ReceptionSettings extends settings({
  // Many times what a right callback costs while Postgres is well, little of the 5 s within which
  // the gateway wants its answer.
  answerAfterMs: durationMs('CALLBACK_ANSWER_AFTER_MS', {
    description:
      'when callbacks are answered, all alike, so that the time does not tell which was right',
    default: 100,
    min: 1,
    max: 1_000,
  }),
  arrivesWithinMs: durationMs('CALLBACK_ARRIVES_WITHIN_MS', {
    description: 'how long a callback may take to arrive; slower senders are cut off',
    default: 10_000,
    min: 100,
  }),
  sources: optional(
    addressRanges('CALLBACK_SOURCES', {
      description: 'from where callbacks are taken; without it, from everywhere',
    }),
  ),
  trustedProxies: optional(
    addressRanges('CALLBACK_TRUSTED_PROXIES', {
      description: 'proxies whose X-Forwarded-For says where a callback came from',
    }),
  ),
}) {}

export class OutageSettings extends settings({
  // Two kilobytes each: a quarter of a gigabyte of Redis at worst, hours of callbacks.
  keptMax: integer('CALLBACKS_KEPT_MAX', {
    description:
      'most callbacks kept in Redis while Postgres is away; then the gateway is told 503',
    default: 100_000,
    min: 1,
  }),
}) {}

export const webhookConfig = defineConfig({
  http: httpSection('WEBHOOK_PORT', {
    description: 'port for the gateway’s callbacks',
    default: 3001,
  }),
  postgres: PostgresSettings,
  redis: RedisSettings,
  keys: KeySettings,
  reception: ReceptionSettings,
  outage: OutageSettings,
});

export type WebhookConfig = ConfigOf<(typeof webhookConfig)['shape']>;
