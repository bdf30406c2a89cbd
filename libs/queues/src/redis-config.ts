// The settings of the queues, for Nest.
import { durationMs, redisSection, settings } from '@quittance/platform';
import { CONSUMPTION_LIMITS } from '@quittance/redis';

/** The section `redis` of an app's configuration. */
export class RedisSettings extends settings(redisSection) {}

/** The section `consumption` of an app that consumes jobs or events. */
export class ConsumptionSettings extends settings({
  // A worker fetches at least every ten seconds, and a silent connection is replaced after twelve.
  unreadyAfterMs: durationMs('CANARY_UNREADY_AFTER_MS', {
    description:
      'time without a canary job, or a fetch from one of the queues, after which the process is unready',
    default: CONSUMPTION_LIMITS.unreadyAfterMs,
    min: 15_000,
  }),
  exitAfterMs: durationMs('CANARY_EXIT_AFTER_MS', {
    description:
      'time without a canary job or a fetch after which the process ends itself, if new connections to Redis work; 0 never',
    default: CONSUMPTION_LIMITS.exitAfterMs,
  }),
}) {}

/** Returns the problem of a `consumption` section whose limits contradict each other. */
export function consumptionFault({ unreadyAfterMs, exitAfterMs }: ConsumptionSettings) {
  return exitAfterMs === 0 || exitAfterMs > unreadyAfterMs
    ? undefined
    : 'CANARY_EXIT_AFTER_MS must exceed CANARY_UNREADY_AFTER_MS';
}
