// Transitions and attempts of payments and refunds: as tables for people, as facts for programs.
import type { PaymentHistory } from '@quittance/persistence';
import { table } from '../command/table.js';

type PaymentTransition = PaymentHistory['moves'][number];
type RefundTransition = PaymentHistory['refunds'][number]['events'][number];
type PaymentAttempt = PaymentHistory['attempts'][number];
type RefundAttempt = PaymentHistory['refunds'][number]['attempts'][number];

/** Returns every transition, oldest first; `toWire` gives the public name of a status. */
export function transitionsTable<M extends PaymentTransition | RefundTransition>(
  moves: readonly M[],
  toWire: (status: M['status']) => string,
): string {
  const rows = moves.map((move) => [
    String(move.sequence),
    move.createdAt.toISOString(),
    move.previousStatus ? toWire(move.previousStatus) : '',
    toWire(move.status),
    move.cause,
    move.attempt === null ? '' : String(move.attempt),
    move.gatewayCode ?? '',
    move.note ?? '',
  ]);
  return table(['#', 'AT', 'FROM', 'TO', 'CAUSE', 'ATTEMPT', 'CODE', 'NOTE'], rows);
}

/** Returns every transition for programs. */
export function transitionFacts<M extends PaymentTransition | RefundTransition>(
  moves: readonly M[],
  toWire: (status: M['status']) => string,
) {
  return moves.map((move) => ({
    sequence: move.sequence,
    at: move.createdAt,
    from: move.previousStatus && toWire(move.previousStatus),
    to: toWire(move.status),
    cause: move.cause,
    attempt: move.attempt,
    gateway_code: move.gatewayCode,
    note: move.note,
  }));
}

/** Returns every attempt for programs. */
export function attemptFacts(attempts: readonly (PaymentAttempt | RefundAttempt)[]) {
  return attempts.map((attempt) => ({
    number: attempt.number,
    opened_at: attempt.openedAt,
    outcome: attempt.outcome,
    duration_ms: attempt.durationMs,
    http_status: attempt.httpStatus,
    ...('errorNumber' in attempt && { error_number: attempt.errorNumber }),
    reason: attempt.reason,
  }));
}

/** Returns every submission attempt of a payment, with its connection error. */
export function attemptsTable(attempts: readonly PaymentAttempt[]): string {
  if (attempts.length === 0) return 'none: nothing was sent';
  const rows = attempts.map((attempt) => [
    ...outcomeOf(attempt),
    attempt.errorNumber ?? '',
    attempt.reason ?? '',
  ]);
  return table(['#', 'OPENED', 'OUTCOME', 'TOOK', 'HTTP', 'ERROR', 'REASON'], rows);
}

/** Returns every submission attempt of a refund. */
export function refundAttemptsTable(attempts: readonly RefundAttempt[]): string {
  const rows = attempts.map((attempt) => [...outcomeOf(attempt), attempt.reason ?? '']);
  return table(['#', 'OPENED', 'OUTCOME', 'TOOK', 'HTTP', 'REASON'], rows);
}

function outcomeOf(attempt: PaymentAttempt | RefundAttempt): string[] {
  return [
    String(attempt.number),
    attempt.openedAt.toISOString(),
    attempt.outcome ?? 'open',
    attempt.durationMs === null ? '' : `${attempt.durationMs} ms`,
    attempt.httpStatus === null ? '' : String(attempt.httpStatus),
  ];
}
