// One change to one refund, its row, and the statement that writes it.
import {
  type RefundDecision,
  type RefundedPayment,
  refundStatusToWire,
  refundView,
} from '@quittance/payments';
import { type AttemptEnd, changeRow, type OpenedAttempt } from '../change.js';
import type { PrismaTransaction } from '../prisma.service.js';
import { inPrisma, type RunStatement } from '../run-statement.js';
import { RECORD } from '../statements.js';
import { refundStateColumns } from './refund-row.js';
import { RECORD_REFUND } from './refund-statements.js';

/**
 * A decision about `before`, to be written if both its refund and, if the decision moves it, its
 * payment are unchanged.
 */
export interface RefundChange {
  readonly before: RefundedPayment;
  readonly decision: RefundDecision;
  /** The merchant's name of the payment's terminal, for the event's view of the payment. */
  readonly terminalName: string;
  /** Opens attempt `decision.next.attempt`. */
  readonly opensAttempt?: OpenedAttempt;
  /** Closes attempt `before.refund.attempt`. */
  readonly closesAttempt?: Omit<AttemptEnd, 'errorNumber'>;
}

/** Returns the change as JSON input. Absent parts are omitted and read as NULL. */
function refundChangeRow({ before, decision, ...change }: RefundChange) {
  const { next, move } = decision;
  const { opensAttempt, closesAttempt: end } = change;
  return {
    refund_id: before.refund.id,
    expected_version: before.refund.version,
    ...refundStateColumns(next),
    ...(move && {
      previous_status: refundStatusToWire(move.from),
      cause: move.cause,
      attempt: next.attempt === 0 ? null : next.attempt,
      gateway_code: move.gatewayCode,
      note: move.note,
      payment_version: (decision.payment?.next ?? before.payment).version,
      snapshot: refundView(next),
    }),
    ...(opensAttempt && {
      attempt_opened: next.attempt,
      reply_before: opensAttempt.replyBefore,
      opened_by: opensAttempt.openedBy,
    }),
    ...(end && {
      attempt_closed: before.refund.attempt,
      outcome: end.outcome,
      http_status: end.httpStatus,
      reason: end.reason,
      duration_ms: end.durationMs,
    }),
  };
}

/**
 * Writes refund and payment in one transaction. Returns false if one of them has changed since it
 * was loaded, and commits nothing.
 */
export async function recordRefundChange(
  run: RunStatement,
  change: RefundChange,
): Promise<boolean> {
  const { before, decision, terminalName } = change;
  const written = await run(RECORD_REFUND, [JSON.stringify(refundChangeRow(change))]);
  if (written === 0) return false;
  if (!decision.payment) return true;
  const row = changeRow({ before: before.payment, decision: decision.payment, terminalName });
  return (await run(RECORD, [JSON.stringify([row])])) === 1;
}

/** Writes the same within a larger transaction, whose other changes must commit with it. */
export function writeRefundChange(tx: PrismaTransaction, change: RefundChange): Promise<boolean> {
  return recordRefundChange(inPrisma(tx), change);
}
