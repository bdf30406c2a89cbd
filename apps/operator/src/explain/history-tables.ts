// Moves and tries as tables, for payments and refunds alike.
import type { PaymentHistory } from '@quittance/persistence';
import { table } from '../command/table.js';

type PaymentMove = PaymentHistory['moves'][number];
type RefundMove = PaymentHistory['refunds'][number]['events'][number];
type PaymentAttempt = PaymentHistory['attempts'][number];
type RefundAttempt = PaymentHistory['refunds'][number]['attempts'][number];

/** Every move, oldest first; `toWire` names the statuses as the contract does. */
export function movesTable<M extends PaymentMove | RefundMove>(
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

/** Every try to hand a payment over, with the error of its connection. */
export function attemptsTable(attempts: readonly PaymentAttempt[]): string {
  if (attempts.length === 0) return 'none: nothing was ever sent';
  const rows = attempts.map((attempt) => [
    ...outcomeOf(attempt),
    attempt.errorNumber ?? '',
    attempt.reason ?? '',
  ]);
  return table(['#', 'OPENED', 'OUTCOME', 'TOOK', 'HTTP', 'ERROR', 'REASON'], rows);
}

/** Every try to hand a refund over. */
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
