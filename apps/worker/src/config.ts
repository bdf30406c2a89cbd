// What the worker is told by its environment, with the reason of each default.
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
  url,
  variable,
} from '@quittance/platform';
import { RedisSettings } from '@quittance/queues';
import { z } from 'zod';

export class GatewaySettings extends settings({
  callbackUrl: url('PUBLIC_CALLBACK_URL', {
    description: 'base URL under which the gateway reaches the webhook app',
    default: 'http://127.0.0.1:3001',
  }),
  // Acquirers answer within seconds; 3DS enrolment look-ups have been seen to take twenty.
  timeoutMs: durationMs('GATEWAY_TIMEOUT_MS', {
    description: 'longest wait for the reply to a submission; what takes longer is in doubt',
    default: 30_000,
    min: 100,
  }),
  inquiryTimeoutMs: durationMs('GATEWAY_INQUIRY_TIMEOUT_MS', {
    description: 'longest wait for the answer to an inquiry',
    default: 10_000,
    min: 100,
  }),
  pins: optional(
    variable<CertificatePins>(
      'GATEWAY_TLS_PINS',
      {
        description:
          'public keys that gateways must show beside a certificate that verifies; two for a host while its key changes',
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

/** How many jobs of each kind are worked on at once, per lane for submissions. */
export class JobSettings extends settings({
  // One terminal gets half of them at most. Its gateway, if it takes two seconds, gets 64 payments
  // a second from a worker.
  submissions: integer('SUBMISSION_CONCURRENCY', {
    description:
      'most submissions under way at once, per lane; a terminal has at most as many as it leaves free',
    default: 256,
    min: 1,
  }),
  inquiries: integer('INQUIRY_CONCURRENCY', {
    description:
      'most inquiries under way at once; a terminal has at most as many as it leaves free',
    default: 32,
    min: 1,
  }),
  // Refunds and chargebacks are seen by it: half an hour late is soon enough, never is not.
  watch: integer('WATCH_CONCURRENCY', {
    description:
      'most inquiries about payments that have ended under way at once; a terminal has at most as many as it leaves free',
    default: 32,
    min: 1,
  }),
  refunds: integer('REFUND_CONCURRENCY', {
    description:
      'most refunds being sent or asked about at once; a terminal has at most as many as it leaves free',
    default: 32,
    min: 1,
  }),
  lockMs: durationMs('JOB_LOCK_MS', {
    description: 'how long a job stays with a process that shows no sign of life',
    default: 60_000,
    min: 1_000,
  }),
  // Kubernetes and systemd kill after 30 s and 90 s; the gateway is given its time-out, the rest is
  // for storing.
  stopLimitMs: durationMs('STOP_LIMIT_MS', {
    description: 'longest wait for submissions under way when stopping',
    default: 35_000,
  }),
}) {}

export class InvariantSettings extends settings({
  everyMs: durationMs('INVARIANT_CHECK_MS', {
    description: 'pause between two looks for broken invariants',
    default: 60_000,
    min: 1_000,
  }),
  gatewaySample: integer('INVARIANT_GATEWAY_SAMPLE', {
    description: 'ended payments that each look compares with the gateway; 0 asks it nothing',
    default: 2,
    min: 0,
  }),
}) {}

export const workerConfig = defineConfig(
  {
    http: httpSection('WORKER_PORT', { description: 'port of health and metrics', default: 3003 }),
    postgres: PostgresSettings,
    redis: RedisSettings,
    events: EventSettings,
    keys: KeySettings,
    gateway: GatewaySettings,
    jobs: JobSettings,
    invariants: InvariantSettings,
  },
  [
    ({ gateway, jobs }) =>
      gateway.timeoutMs < jobs.lockMs
        ? undefined
        : 'GATEWAY_TIMEOUT_MS must be below JOB_LOCK_MS, or one payment has two workers',
    ({ gateway, jobs }) =>
      gateway.timeoutMs <= jobs.stopLimitMs
        ? undefined
        : 'STOP_LIMIT_MS must not be below GATEWAY_TIMEOUT_MS, or a stop leaves payments in doubt',
    ({ gateway }) =>
      gateway.inquiryTimeoutMs <= ABANDONED_AFTER_MS
        ? undefined
        : `GATEWAY_INQUIRY_TIMEOUT_MS must not exceed ${ABANDONED_AFTER_MS}`,
  ],
);

export type WorkerConfig = ConfigOf<(typeof workerConfig)['shape']>;
