// What is known of a payment. One plain, immutable record: decide() takes one and returns the next.
import type { PaymentStatus } from './status.js';

export type PaymentMethod = 'CC' | 'DC' | 'NB' | 'WALLET' | 'UPICOLLECT' | 'QRINTENT';
export const paymentMethods: readonly PaymentMethod[] = [
  'CC',
  'DC',
  'NB',
  'WALLET',
  'UPICOLLECT',
  'QRINTENT',
];

/** Whether the terminal moves real money. */
export type TerminalMode = 'test' | 'live';

/** Who or what caused a move. */
export type MoveCause = 'request' | 'reply' | 'callback' | 'inquiry' | 'operator' | 'sweeper';

/** What was noticed on the way and stays on the record. */
export type PaymentFlag =
  'late_success' | 'test_outcome_on_live_terminal' | 'arrived_after_failure';

/** All that is ever kept of a card in clear. */
export interface CardSummary {
  readonly brand: string;
  readonly first6: string;
  readonly last4: string;
}

/** The payer, as the merchant described them. */
export interface Customer {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly ip?: string | undefined;
  readonly address?: {
    readonly line1?: string | undefined;
    readonly city?: string | undefined;
    readonly state?: string | undefined;
    readonly postalCode?: string | undefined;
    readonly country?: string | undefined;
  };
}

/** What the merchant asked for. Never changes after intake. */
export interface PaymentRequest {
  readonly merchantId: string;
  readonly terminalId: string;
  /** The merchant's unique order id and the idempotency key. */
  readonly reference: string;
  readonly mode: TerminalMode;
  /**
   * Submission queue: the terminal's, and the only thing here that follows it while the payment is
   * queued.
   */
  readonly lane: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly method: PaymentMethod;
  readonly productName: string;
  readonly returnUrl: string;
  readonly sourceUrl: string | null;
  readonly customer: Customer;
  readonly metadata: Readonly<Record<string, string>>;
  readonly card: CardSummary | null;
}

/** What has become of it. Changed by decide() only. */
export interface PaymentState {
  readonly status: PaymentStatus;
  /** Counts moves: the sequence of the last event. */
  readonly version: number;
  /** Counts submission attempts: the fence. Whoever holds an older epoch must not send. */
  readonly epoch: number;
  /** Fruitless inquiries since the last move: the position in the inquiry schedule. */
  readonly inquiries: number;
  /** Counts the requests from outside the schedule to take the next step at once. */
  readonly asks: number;
  /**
   * The newest of {@link asks} that an answer of the gateway came after; below it, one is still
   * waited for.
   */
  readonly asksAnswered: number;
  /** What has gone back by refunds of ours that are complete. */
  readonly refundedMinor: bigint;
  /**
   * What refunds of ours have taken for themselves, complete or not; never below `refundedMinor`.
   * Not changed by decide().
   */
  readonly refundReservedMinor: bigint;
  /** The gateway's id, digits; exact, never a number (18 digits exceed 2^53). */
  readonly transId: string | null;
  /** The gateway's last code, as text. */
  readonly orderStatus: string | null;
  /** The gateway's human text, for people only. */
  readonly gatewayResponse: string | null;
  readonly authUrl: string | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** Why we do not know; exactly while `inDoubt`. */
  readonly doubtReason: string | null;
  readonly flags: readonly PaymentFlag[];
  /** No attempt is opened after this instant. */
  readonly submitBefore: Date;
  /**
   * When the next step is due (submission, sweep or inquiry, by status); null when only a message
   * or a person moves it on.
   */
  readonly nextStepAt: Date | null;
  /**
   * When the newest inquiry that a callback called for is or was due; null when none has called for
   * one.
   */
  readonly hintedAt: Date | null;
  readonly updatedAt: Date;
}

export interface Payment extends PaymentRequest, PaymentState {
  /** `pi_…` */
  readonly id: string;
  readonly createdAt: Date;
  /**
   * Transactions that are known to be other payments'. Learned while a change is being written; not
   * stored with the payment.
   */
  readonly foreignTransIds?: ReadonlySet<string>;
}

// Some ends are assumed: an operator gave them, or an absence counted as an answer. The gateway's
// own word outranks both, so that what was assumed wrongly is put right as soon as the gateway
// reports it.

/** `failure.code` of an end that an operator gave. */
export const RESOLVED_BY_OPERATOR = 'resolved_by_operator';
/**
 * `failure.code` of a payment that the gateway reported as unknown for as long as the terminal's
 * policy asks.
 */
export const NEVER_ARRIVED = 'never_arrived';

/**
 * Whether `declined`, `blocked` or `failed` rests on anything but the gateway's word. Assumed
 * `expired` and `cancelled` need no distinction: they are soft, whoever gave them.
 */
export function isAssumedEnd({ failure }: Pick<Payment, 'failure'>): boolean {
  return failure?.code === RESOLVED_BY_OPERATOR || failure?.code === NEVER_ARRIVED;
}
