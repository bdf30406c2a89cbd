// Metrics and alerts of commits: payments by transition, by end and by code, how long each part of
// their way took, and suspicious events.
import {
  ALERTS,
  type Decision,
  isEnded,
  type Move,
  moveCauses,
  type Payment,
  paymentStatuses,
  statusToWire,
} from '@quittance/payments';
import type { Logger, Metrics } from '@quittance/platform';
import type { OnCommitted, OnRefused } from './payments.js';

/**
 * Seconds from accepting a payment to its end: from an immediate approval to a bank transfer of
 * days.
 */
const FINAL_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200, 86_400];

/** Seconds in a queue, or from a callback to its effect: from "at once" to a long outage. */
const WAIT_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800];

/** The SQLSTATEs that a fault in data or in another program causes; others are counted as well. */
const SQLSTATES = ['22003', '22P02', '23502', '23503', '23505', '23514', '40001', '40P01'];

/**
 * Returns a listener for {@link Payments} that counts acceptances, transitions and alerts, and
 * measures accept → sent, accept → final and callback → event.
 */
export function observeMoves(metrics: Metrics, log: Logger): OnCommitted {
  const countAccepted = observeAcceptances(metrics);
  const countMove = observeTransitions(metrics);
  const measure = observeTimes(metrics);
  const countAlert = observeAlerts(metrics, log);
  return (committed) => {
    for (const { payment, before, decision } of committed) {
      if (!decision) countAccepted(payment);
      if (decision?.move) {
        countMove(payment, decision.move);
        measure(payment, decision.move, before);
      }
      if (decision) countAlert(payment, decision);
    }
  };
}

function observeAcceptances(metrics: Metrics) {
  const accepted = metrics.counter({
    name: 'payments_accepted_total',
    help: 'Payments accepted and committed by this process, by lane.',
    labels: ['lane'],
  });
  return ({ lane }: Payment) => accepted.inc({ lane });
}

function observeTransitions(metrics: Metrics) {
  const moves = metrics.counter({
    name: 'payment_moves_total',
    help: 'Status changes committed by this process.',
    labels: { to: paymentStatuses.map(statusToWire), cause: moveCauses },
  });
  const ends = metrics.counter({
    name: 'payments_ended_total',
    help: 'First ends of payments committed by this process, by lane, status, the failure code of the API and the code of the gateway.',
    labels: ['lane', 'status', 'failure', 'gateway_code'],
  });
  return (payment: Payment, move: Move) => {
    moves.inc({ to: statusToWire(move.to), cause: move.cause });
    if (!isFirstEnd(move)) return;
    const { lane, failure } = payment;
    // Only a known code of the gateway leads to an end, so the label's values are bounded.
    ends.inc({
      lane,
      status: statusToWire(move.to),
      failure: failure?.code ?? 'none',
      gateway_code: move.gatewayCode ?? 'none',
    });
  };
}

function observeTimes(metrics: Metrics) {
  const sent = metrics.histogram({
    name: 'accept_to_sent_seconds',
    help: 'Time from accepting a payment to the commit that opens its first attempt.',
    labels: ['lane'],
    buckets: WAIT_BUCKETS,
  });
  const finals = metrics.histogram({
    name: 'accept_to_final_seconds',
    help: 'Time from accepting a payment to its first final status.',
    labels: ['lane', 'status'],
    buckets: FINAL_BUCKETS,
  });
  const callbacks = metrics.histogram({
    name: 'callback_to_event_seconds',
    help: 'Time from a callback, or from the reply if that came later, to the transition that the inquiry it caused led to.',
    labels: ['lane'],
    buckets: WAIT_BUCKETS,
  });
  return (payment: Payment, move: Move, before?: Payment) => {
    const { lane, createdAt, updatedAt } = payment;
    const since = (instant: Date) => Math.max(0, updatedAt.getTime() - instant.getTime()) / 1000;
    if (move.to === 'submitting' && payment.attempt === 1) sent.observe({ lane }, since(createdAt));
    if (isFirstEnd(move)) finals.observe({ lane, status: statusToWire(move.to) }, since(createdAt));
    // A hint that is older than the previous transition belongs to that one.
    const hintedAt = before?.hintedAt;
    if (move.cause === 'inquiry' && hintedAt && hintedAt >= before.updatedAt)
      callbacks.observe({ lane }, since(hintedAt));
  };
}

function observeAlerts(metrics: Metrics, log: Logger) {
  const alerts = metrics.counter({
    name: 'payment_alerts_total',
    help: 'Alerts about payments that a person should examine.',
    labels: { kind: ALERTS },
  });
  return ({ id: paymentId }: Payment, { alert, unmoved, move }: Decision) => {
    if (!alert) return;
    alerts.inc({ kind: alert });
    log.warn({ paymentId, alert, note: unmoved ?? move?.note }, 'payment alert');
  };
}

const isFirstEnd = ({ from, to }: Move) => isEnded(to) && !isEnded(from);

/** Returns a listener for {@link Payments} that counts the statements that Postgres refused. */
export function observeRefused(metrics: Metrics, log: Logger): OnRefused {
  const refused = metrics.counter({
    name: 'statements_refused_total',
    help: 'Statements for several payments that Postgres refused; the payments were written one by one.',
    labels: { sqlstate: SQLSTATES },
  });
  return (sqlState) => {
    refused.inc({ sqlstate: sqlState });
    log.warn({ sqlState }, 'a statement for several payments was refused');
  };
}
