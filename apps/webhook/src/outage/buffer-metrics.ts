// Counts the callbacks buffered in Redis, and those set aside because they can never be stored. An
// operator must look at the latter.
import type { Metrics } from '@quittance/platform';
import type { BufferedCallbacks, BufferState } from './buffered-callbacks.js';

const STATES: readonly BufferState[] = ['waiting', 'set_aside'];

/**
 * Adds `quittance_callbacks_kept{state}`. It is absent while Redis is unavailable, because a wrong
 * zero would look healthy.
 */
export function observeBuffer(buffer: BufferedCallbacks, metrics: Metrics): void {
  metrics.gauge({
    name: 'callbacks_kept',
    help: 'Callbacks buffered in Redis, by whether they wait for Postgres or were set aside.',
    labels: ['state'],
    collect: async (gauge) => {
      gauge.reset();
      try {
        for (const state of STATES) gauge.set({ state }, await buffer.count(state));
      } catch {
        gauge.reset();
      }
    },
  });
}
