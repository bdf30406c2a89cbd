// What decide() returns: the next record, and what has to be told, stored or shouted about it.
// Persistence writes it as it is.
import { watchDelayMs } from './schedules.js';
import type { MoveCause, Payment, PaymentFlag } from './payment.js';
import type { PaymentStatus } from './status.js';

/** Something a person on call should see; counted by kind. */
export type Alert =
  | 'terminal_misconfigured'
  | 'test_outcome_on_live_terminal'
  | 'unknown_order_status'
  | 'report_mismatch'
  | 'transaction_of_another_payment'
  | 'late_success'
  | 'contradicts_final_status';

/** One step of the status machine, as told to the order domain. */
export interface Move {
  readonly from: PaymentStatus;
  readonly to: PaymentStatus;
  readonly cause: MoveCause;
  /** The gateway's raw code, where there was one. */
  readonly gatewayCode: string | null;
  /** Why, in a stable word. */
  readonly note: string | null;
}

export interface Decision {
  /** The record as it shall be; identical to the input when nothing changes. */
  readonly next: Payment;
  /** Present exactly when the status changes. */
  readonly move: Move | null;
  /** Why nothing moved, in a stable word. */
  readonly unmoved: string | null;
  /** The report did not fit the record and must not be trusted. */
  readonly isDisbelieved: boolean;
  /**
   * The request provably never left: the sealed card goes back into the record for the next
   * attempt.
   */
  readonly restoresCard: boolean;
  readonly alert: Alert | null;
}

/** Nothing moves. `next` may still carry something learned, such as a transID. */
export function keep(next: Payment, unmoved: string, alert: Alert | null = null): Decision {
  return { next, move: null, unmoved, isDisbelieved: false, restoresCard: false, alert };
}

/** The report is about something else, or wrong: nothing of it is taken over. */
export function disbelieve(next: Payment, reason: string): Decision {
  return { ...keep(next, reason, 'report_mismatch'), isDisbelieved: true };
}

type StateChange = Partial<
  Pick<
    Payment,
    | 'epoch'
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
 * The record one move further: version and schedule follow from the status unless the request says
 * otherwise.
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
