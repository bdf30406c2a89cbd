// What every process that changes payments runs: the store, the relay behind it, and what follows each commit. The way to the
// queues is passed in, because this library does not know them.
import type { Logger, Metrics } from '@quittance/platform';
import type { Pool } from 'pg';
import { observeMoves } from './move-metrics.js';
import { OutboxRelay, type PublishMessages } from './outbox.js';
import { Payments } from './payments.js';

export interface OpenPaymentsOptions {
  readonly pool: Pool;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Puts committed messages into the queues. */
  readonly publish: PublishMessages;
  /** Tells who waits that these payments changed; a hint that must not throw. */
  readonly announce: (paymentIds: readonly string[]) => void;
}

export interface OpenedPayments {
  readonly payments: Payments;
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
  const payments = new Payments(pool, (committed) => {
    relay.poke();
    announce(committed.map(({ payment }) => payment.id));
    countMoves(committed);
  });
  return { payments, relay };
}
