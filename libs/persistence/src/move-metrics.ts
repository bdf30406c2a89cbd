// Metrics and alerts of commits: the number of payments by transition and cause, how long they
// took, and suspicious events.
import { ALERTS, isEnded, statusToWire } from '@quittance/payments';
import type { Logger, Metrics } from '@quittance/platform';
import type { OnCommitted, OnRefused } from './payments.js';

/**
 * Seconds from accepting a payment to its end: from an immediate approval to a bank transfer of
 * days.
 */
const FINAL_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200, 86_400];

/**
 * Returns a listener for {@link Payments} that counts transitions and alerts and measures accept →
 * final.
 */
export function observeMoves(metrics: Metrics, log: Logger): OnCommitted {
  const moves = metrics.counter({
    name: 'payment_moves_total',
    help: 'Status changes committed by this process.',
    labels: ['to', 'cause'],
  });
  const alerts = metrics.counter({
    name: 'payment_alerts_total',
    help: 'Alerts about payments that a person should examine.',
    labels: { kind: ALERTS },
  });
  const finals = metrics.histogram({
    name: 'accept_to_final_seconds',
    help: 'Time from accepting a payment to its first final status.',
    labels: ['status'],
    buckets: FINAL_BUCKETS,
  });
  return (committed) => {
    for (const { payment, decision } of committed) {
      const move = decision?.move;
      if (move) moves.inc({ to: statusToWire(move.to), cause: move.cause });
      if (move && isEnded(move.to) && !isEnded(move.from)) {
        const seconds = (payment.updatedAt.getTime() - payment.createdAt.getTime()) / 1000;
        finals.observe({ status: statusToWire(move.to) }, seconds);
      }
      if (decision?.alert) {
        alerts.inc({ kind: decision.alert });
        log.warn(
          { paymentId: payment.id, alert: decision.alert, note: decision.unmoved ?? move?.note },
          'payment alert',
        );
      }
    }
  };
}

/** Returns a listener for {@link Payments} that counts the statements that Postgres refused. */
export function observeRefused(metrics: Metrics, log: Logger): OnRefused {
  const refused = metrics.counter({
    name: 'statements_refused_total',
    help: 'Statements for several payments that Postgres refused; the payments were written one by one.',
    labels: ['sqlstate'],
  });
  return (sqlState) => {
    refused.inc({ sqlstate: sqlState });
    log.warn({ sqlState }, 'a statement for several payments was refused');
  };
}
