// The result of decide(): the next record, and what to publish, store and alert about. Persistence
// writes it unchanged.
import { watchDelayMs } from './schedules.js';
import type { MoveCause, Payment, PaymentFlag } from './payment.js';
import type { PaymentStatus } from './status.js';

/** The reasons to alert a person on call; counted by kind. */
export const ALERTS = [
  'terminal_misconfigured',
  'test_outcome_on_live_terminal',
  'unknown_order_status',
  'report_mismatch',
  'transaction_of_another_payment',
  'late_success',
  'contradicts_final_status',
] as const;
export type Alert = (typeof ALERTS)[number];

/** One transition of the status machine, as published to the order domain. */
export interface Move {
  readonly from: PaymentStatus;
  readonly to: PaymentStatus;
  readonly cause: MoveCause;
  /** The gateway's raw code, if it gave one. */
  readonly gatewayCode: string | null;
  /** The reason, as a stable identifier. */
  readonly note: string | null;
}

export interface Decision {
  /** The record to store; identical to the input when nothing changes. */
  readonly next: Payment;
  /** Present exactly when the status changes. */
  readonly move: Move | null;
  /** The reason why the status did not change, as a stable identifier. */
  readonly unmoved: string | null;
  /** True when the report does not match the record and must not be trusted. */
  readonly isDisbelieved: boolean;
  /**
   * True when the request provably never left: the encrypted card goes back into the record for the
   * next attempt.
   */
  readonly restoresCard: boolean;
  /**
   * True when the process that commits the decision orders an inquiry at once. `next.nextStepAt` is
   * the net.
   */
  readonly ordersInquiry: boolean;
  readonly alert: Alert | null;
}

/** Leaves the status as it is. `next` may still carry something learned, such as a transID. */
export function keep(next: Payment, unmoved: string, alert: Alert | null = null): Decision {
  const flags = { isDisbelieved: false, restoresCard: false, ordersInquiry: false };
  return { next, move: null, unmoved, ...flags, alert };
}

/** Rejects a report that is wrong or about something else: nothing of it is stored. */
export function disbelieve(next: Payment, reason: string): Decision {
  return { ...keep(next, reason, 'report_mismatch'), isDisbelieved: true };
}

type StateChange = Partial<
  Pick<
    Payment,
    | 'attempt'
    | 'transId'
    | 'orderStatus'
    | 'gatewayResponse'
    | 'authUrl'
    | 'failure'
    | 'doubtReason'
    | 'nextStepAt'
  >
>;

interface MoveRequest extends StateChange {
  readonly to: PaymentStatus;
  readonly cause: MoveCause;
  readonly gatewayCode?: string | null;
  readonly note?: string | null;
  readonly flag?: PaymentFlag | null;
  readonly alert?: Alert | null;
}

/**
 * Returns the record after one transition. Version and schedule follow from the status unless the
 * request overrides them.
 */
export function move(payment: Payment, request: MoveRequest, now: Date): Decision {
  const {
    to,
    cause,
    gatewayCode = null,
    note = null,
    flag = null,
    alert = null,
    ...change
  } = request;
  const next: Payment = {
    ...payment,
    nextStepAt: firstInquiryAt(to, change.failure ?? null, now),
    doubtReason: null,
    failure: null,
    ...change,
    status: to,
    version: payment.version + 1,
    inquiries: 0,
    flags: flag && !payment.flags.includes(flag) ? [...payment.flags, flag] : payment.flags,
    updatedAt: now,
  };
  const words = note ?? change.doubtReason ?? change.failure?.code ?? flag;
  return {
    next,
    move: { from: payment.status, to, cause, gatewayCode, note: words },
    unmoved: null,
    isDisbelieved: false,
    restoresCard: false,
    ordersInquiry: false,
    alert,
  };
}

function firstInquiryAt(
  status: PaymentStatus,
  failure: Payment['failure'],
  now: Date,
): Date | null {
  const delay = watchDelayMs({ status, failure }, 0);
  return delay === null ? null : new Date(now.getTime() + delay);
}
