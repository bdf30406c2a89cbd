// Metrics and alerts of refunds' commits.
import { ALERTS, moveCauses, refundStatuses, refundStatusToWire } from '@quittance/payments';
import type { Logger, Metrics } from '@quittance/platform';
import type { OnRefundCommitted } from './refunds.js';

/**
 * Returns a listener for {@link Refunds} that counts transitions, new refunds among them as
 * `queued`, and alerts.
 */
export function observeRefunds(metrics: Metrics, log: Logger): OnRefundCommitted {
  const moves = metrics.counter({
    name: 'refund_moves_total',
    help: 'Status changes of refunds committed by this process.',
    labels: { to: refundStatuses.map(refundStatusToWire), cause: moveCauses },
  });
  const alerts = metrics.counter({
    name: 'refund_alerts_total',
    help: 'Alerts about refunds that a person should examine.',
    labels: { kind: ALERTS },
  });
  return (refund, change) => {
    const decision = change?.decision;
    const move = change ? decision?.move : { to: refund.status, cause: 'request' };
    if (move) moves.inc({ to: refundStatusToWire(refund.status), cause: move.cause });
    if (!decision?.alert) return;
    alerts.inc({ kind: decision.alert });
    const { id: refundId, paymentId } = refund;
    log.warn({ refundId, paymentId, alert: decision.alert }, 'refund alert');
  };
}
