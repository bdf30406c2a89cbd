// How many callbacks wait in Redis, and how many were set aside because they can never be applied:
// those need a person.
import type { Metrics } from '@quittance/platform';
import type { BufferedCallbacks, BufferState } from './buffered-callbacks.js';

const STATES: readonly BufferState[] = ['waiting', 'set_aside'];

/**
 * Adds `quittance_callbacks_kept{state}`; absent while Redis is away, because a wrong zero would
 * look like health.
 */
export function observeBuffer(kept: BufferedCallbacks, metrics: Metrics): void {
  metrics.gauge({
    name: 'callbacks_kept',
    help: 'Callbacks kept in Redis, by whether they wait for Postgres or were set aside.',
    labels: ['state'],
    collect: async (gauge) => {
      gauge.reset();
      try {
        for (const state of STATES) gauge.set({ state }, await kept.count(state));
      } catch {
        gauge.reset();
      }
    },
  });
}
