// The worker's settings, with the reason for each default.
import { CertificatePins, pinFaults } from '@quittance/gateway';
import { ABANDONED_AFTER_MS } from '@quittance/payments';
import { EventSettings, KeySettings } from '@quittance/modules';
import { PostgresSettings } from '@quittance/persistence';
import {
  type ConfigOf,
  defineConfig,
  durationMs,
  httpSection,
  integer,
  optional,
  settings,
  tracesSection,
  url,
  variable,
} from '@quittance/platform';
import { consumptionFault, ConsumptionSettings, RedisSettings } from '@quittance/queues';
import { z } from 'zod';

/** The section `gateway` of the configuration. */
export class GatewaySettings extends settings({
  callbackUrl: url('PUBLIC_CALLBACK_URL', {
    description: 'base URL under which the gateway reaches the webhook app',
    default: 'http://127.0.0.1:3001',
  }),
  // Acquirers reply within seconds; 3DS enrolment look-ups have taken up to twenty.
  timeoutMs: durationMs('GATEWAY_TIMEOUT_MS', {
    description: 'longest wait for the reply to a submission; after that the payment is in doubt',
    default: 30_000,
    min: 100,
  }),
  inquiryTimeoutMs: durationMs('GATEWAY_INQUIRY_TIMEOUT_MS', {
    description: 'longest wait for the answer to an inquiry',
    default: 10_000,
    min: 100,
  }),
  // A single time-out may be the payment's own; five in a row without a reply are the gateway's.
  breakerFailures: integer('GATEWAY_BREAKER_FAILURES', {
    description:
      'submissions in a row without a reply, or that could not be sent, after which a terminal’s payments wait until its gateway replies; 0 never',
    default: 5,
    min: 0,
  }),
  breakerInquiryMs: durationMs('GATEWAY_BREAKER_INQUIRY_MS', {
    description: 'pause between two inquiries at a gateway that does not respond',
    default: 5_000,
    min: 100,
  }),
  pins: optional(
    variable<CertificatePins>(
      'GATEWAY_TLS_PINS',
      {
        description:
          'public keys that gateways must present in addition to a valid certificate; two for a host while its key changes',
      },
      {
        expected: '<host>=<SHA-256 of its SubjectPublicKeyInfo in base64>, separated by commas',
        schema: z
          .string()
          .transform((value) => value.split(',').map((pin) => pin.trim()))
          .superRefine((pins, context) => {
            const faults = pinFaults(pins);
            if (faults.length > 0) context.addIssue(faults.join('; '));
          })
          .transform((pins) => new CertificatePins(pins)),
      },
    ),
  ),
}) {}

/** The number of jobs of each kind in progress at once, per lane for submissions. */
export class JobSettings extends settings({
  // One terminal gets at most half of them: 64 payments a second from one worker if its gateway
  // takes two seconds per reply.
  submissions: integer('SUBMISSION_CONCURRENCY', {
    description:
      'most submissions in flight at once, per lane; a terminal takes at most as many places as it leaves free',
    default: 256,
    min: 1,
  }),
  inquiries: integer('INQUIRY_CONCURRENCY', {
    description:
      'most inquiries in flight at once; a terminal takes at most as many places as it leaves free',
    default: 32,
    min: 1,
  }),
  // These inquiries detect refunds and chargebacks. Half an hour late is soon enough; never is not.
  watch: integer('WATCH_CONCURRENCY', {
    description:
      'most inquiries about ended payments in flight at once; a terminal takes at most as many places as it leaves free',
    default: 32,
    min: 1,
  }),
  refunds: integer('REFUND_CONCURRENCY', {
    description:
      'most refund requests and inquiries in flight at once; a terminal takes at most as many places as it leaves free',
    default: 32,
    min: 1,
  }),
  lockMs: durationMs('JOB_LOCK_MS', {
    description:
      'time after which another process takes over a job whose process shows no sign of life',
    default: 60_000,
    min: 1_000,
  }),
  // Kubernetes and systemd kill after 30 s and 90 s. The gateway gets its full timeout; the rest is
  // for storing its reply.
  stopLimitMs: durationMs('STOP_LIMIT_MS', {
    description: 'longest wait for submissions in flight when the process stops',
    default: 35_000,
  }),
}) {}

/** The section `invariants` of the configuration. */
export class InvariantSettings extends settings({
  everyMs: durationMs('INVARIANT_CHECK_MS', {
    description: 'pause between two checks of the invariants',
    default: 60_000,
    min: 1_000,
  }),
  gatewaySample: integer('INVARIANT_GATEWAY_SAMPLE', {
    description: 'ended payments that each check compares with the gateway; 0 compares none',
    default: 2,
    min: 0,
  }),
}) {}

/** No payment ends while its outcome is watched, and none so soon that a repeat is likely. */
const PAYMENTS_DAYS_MIN = 180;

/** The section `retention` of the configuration. */
export class RetentionSettings extends settings({
  // The card schemes let a card holder dispute a charge for up to 540 days.
  personalDataDays: integer('RETENTION_PERSONAL_DATA_DAYS', {
    description:
      'days after the last change of a finished payment until its personal data is erased; 0 never',
    default: 550,
    max: 36_500,
  }),
  historyDays: integer('RETENTION_HISTORY_DAYS', {
    description:
      'days after the last change of a finished payment until its attempts, callbacks, inquiries and events are deleted; 0 never',
    default: 550,
    max: 36_500,
  }),
  // Deleting payments is a decision of its own: lists and refunds need them.
  paymentsDays: integer('RETENTION_PAYMENTS_DAYS', {
    description:
      'days after the last change of a finished payment until it is deleted but for its reference; 0 never',
    default: 0,
    max: 36_500,
  }),
  // Longer than any caller waits before it continues a call that broke off.
  batchesDays: integer('RETENTION_BATCHES_DAYS', {
    description: 'days after the last call of a batch until its progress is deleted; 0 never',
    default: 90,
    max: 36_500,
  }),
}) {}

export const workerConfig = defineConfig(
  {
    http: httpSection('WORKER_PORT', { description: 'port of health and metrics', default: 3003 }),
    traces: tracesSection,
    postgres: PostgresSettings,
    redis: RedisSettings,
    events: EventSettings,
    keys: KeySettings,
    gateway: GatewaySettings,
    jobs: JobSettings,
    consumption: ConsumptionSettings,
    invariants: InvariantSettings,
    retention: RetentionSettings,
  },
  [
    ({ consumption }) => consumptionFault(consumption),
    ({ gateway, jobs }) =>
      gateway.timeoutMs < jobs.lockMs
        ? undefined
        : 'GATEWAY_TIMEOUT_MS must be below JOB_LOCK_MS, otherwise two workers can hold one payment',
    ({ gateway, jobs }) =>
      gateway.timeoutMs <= jobs.stopLimitMs
        ? undefined
        : 'STOP_LIMIT_MS must not be below GATEWAY_TIMEOUT_MS, otherwise a stop leaves payments in doubt',
    ({ retention: { paymentsDays: days } }) =>
      days === 0 || days >= PAYMENTS_DAYS_MIN
        ? undefined
        : `RETENTION_PAYMENTS_DAYS must be 0 or at least ${PAYMENTS_DAYS_MIN}: successes are watched for half a year`,
    ({ gateway }) =>
      gateway.inquiryTimeoutMs <= ABANDONED_AFTER_MS
        ? undefined
        : `GATEWAY_INQUIRY_TIMEOUT_MS must not exceed ${ABANDONED_AFTER_MS}`,
  ],
);

export type WorkerConfig = ConfigOf<(typeof workerConfig)['shape']>;
