// The webhook's settings, with the reason for each default.
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
  tracesSection,
} from '@quittance/platform';
import { RedisSettings } from '@quittance/queues';

/** The section `reception` of the configuration. */
export class ReceptionSettings extends settings({
  // Many times the cost of a valid callback while Postgres is healthy, and a small part of the 5 s
  // within which the gateway expects its response.
  answerAfterMs: durationMs('CALLBACK_ANSWER_AFTER_MS', {
    description:
      "time from a callback's arrival to its response, the same for all, so that it does not reveal a valid token",
    default: 100,
    min: 1,
    max: 1_000,
  }),
  arrivesWithinMs: durationMs('CALLBACK_ARRIVES_WITHIN_MS', {
    description: 'longest time that a callback may take to arrive; slower senders are disconnected',
    default: 10_000,
    min: 100,
  }),
  sources: optional(
    addressRanges('CALLBACK_SOURCES', {
      description: 'addresses from which callbacks are accepted; without it, all',
    }),
  ),
  trustedProxies: optional(
    addressRanges('CALLBACK_TRUSTED_PROXIES', {
      description: 'proxies whose X-Forwarded-For header is trusted for the origin of a callback',
    }),
  ),
}) {}

/** The section `outage` of the configuration. */
export class OutageSettings extends settings({
  // Two kilobytes each: at most a quarter of a gigabyte of Redis, or hours of callbacks.
  bufferedMax: integer('CALLBACKS_KEPT_MAX', {
    description:
      'most callbacks buffered in Redis while Postgres is unavailable; beyond that the gateway gets 503',
    default: 100_000,
    min: 1,
  }),
}) {}

export const webhookConfig = defineConfig({
  http: httpSection('WEBHOOK_PORT', {
    description: 'port for the gateway’s callbacks',
    default: 3001,
  }),
  traces: tracesSection,
  postgres: PostgresSettings,
  redis: RedisSettings,
  keys: KeySettings,
  reception: ReceptionSettings,
  outage: OutageSettings,
});

export type WebhookConfig = ConfigOf<(typeof webhookConfig)['shape']>;
