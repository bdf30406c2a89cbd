// What every process that changes payments runs: the store, the relay behind it, and what follows each commit. The way to the
// queues is passed in, because this library does not know them.
import type { Logger, Metrics } from '@quittance/platform';
import type { Pool } from 'pg';
import { observeMoves, observeRefused } from './move-metrics.js';
import { OutboxRelay, type PublishMessages } from './outbox.js';
import { type OnCommitted, Payments } from './payments.js';
import { observeRefunds } from './refunds/refund-metrics.js';
import { Refunds } from './refunds/refunds.js';

export interface OpenPaymentsOptions {
  readonly pool: Pool;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Puts committed messages into the queues. */
  readonly publish: PublishMessages;
  /** Tells who waits that these payments or refunds changed; a hint that must not throw. */
  readonly announce: (ids: readonly string[]) => void;
}

export interface OpenedPayments {
  readonly payments: Payments;
  readonly refunds: Refunds;
  /** Started and stopped by the process: after its last commit, one more `relayBatch()` empties its part of the outbox. */
  readonly relay: OutboxRelay;
}

export function openPayments({
  pool,
  metrics,
  log,
  publish,
  announce,
}: OpenPaymentsOptions): OpenedPayments {
  const relay = new OutboxRelay(pool, publish, log);
  const countMoves = observeMoves(metrics, log);
  const countRefunds = observeRefunds(metrics, log);
  const onCommitted: OnCommitted = (committed) => {
    relay.poke();
    announce(committed.map(({ payment }) => payment.id));
    countMoves(committed);
  };
  const refunds = new Refunds(pool, (refund, change) => {
    const decision = change?.decision.payment;
    if (decision) onCommitted([{ payment: decision.next, decision }]);
    else relay.poke();
    announce([refund.id]);
    countRefunds(refund, change);
  });
  return {
    payments: new Payments(pool, onCommitted, observeRefused(metrics, log)),
    refunds,
    relay,
  };
}
