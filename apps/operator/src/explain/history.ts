// Transitions and attempts of payments and refunds as tables.
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
