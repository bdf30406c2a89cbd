// Runs after each commit of payments or refunds: wakes the process's relay, announces the change to
// waiting callers, and counts the transitions.
import type { Logger, Metrics } from '@quittance/platform';
import { observeMoves, observeRefused } from './move-metrics.js';
import type { OutboxRelay } from './outbox.js';
import type { OnCommitted, OnRefused } from './payments.js';
import { observeRefunds } from './refunds/refund-metrics.js';
import type { OnRefundCommitted } from './refunds/refunds.js';
import type { SampleRecorder } from './samples/sample-recorder.js';

export class AfterCommit {
  /** The listener for {@link Payments}. */
  readonly payments: OnCommitted;
  /** The listener for {@link Payments}, for statements that Postgres refused. */
  readonly refused: OnRefused;
  /** The listener for {@link Refunds}. */
  readonly refunds: OnRefundCommitted;

  /**
   * `announce` publishes the ids of changed payments and refunds, and of the merchants with new
   * events; it is a hint and must not throw.
   */
  constructor(
    relay: Pick<OutboxRelay, 'poke'>,
    announce: (ids: readonly string[]) => void,
    metrics: Metrics,
    log: Logger,
    samples?: Pick<SampleRecorder, 'committed'>,
  ) {
    const countMoves = observeMoves(metrics, log);
    const countRefunds = observeRefunds(metrics, log);
    this.refused = observeRefused(metrics, log);
    this.payments = (committed) => {
      relay.poke();
      announce(idsOf(committed.map(({ payment }) => payment)));
      countMoves(committed);
      samples?.committed(committed);
    };
    this.refunds = (refund, change) => {
      const decision = change?.decision.payment;
      if (decision) this.payments([{ payment: decision.next, decision }]);
      else relay.poke();
      announce(idsOf([refund]));
      countRefunds(refund, change);
    };
  }
}

function idsOf(changed: readonly { id: string; merchantId: string }[]): string[] {
  return [...changed.map(({ id }) => id), ...new Set(changed.map(({ merchantId }) => merchantId))];
}
