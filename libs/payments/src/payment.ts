// The record of a payment: plain and immutable. decide() takes one and returns the next.
import type { DoubtReason, FailureCode } from './reasons.js';
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

/** The terminal's mode; only `live` moves real money. */
export type TerminalMode = 'test' | 'live';

/** The causes of transitions. */
export const moveCauses = [
  'request',
  'reply',
  'callback',
  'inquiry',
  'operator',
  'sweeper',
] as const;
export type MoveCause = (typeof moveCauses)[number];

/** Observations that stay on the record: a closed list, of the public contract too. */
export const paymentFlags = [
  'late_success',
  'test_outcome_on_live_terminal',
  'arrived_after_failure',
] as const;
export type PaymentFlag = (typeof paymentFlags)[number];

/** The only card data that is ever stored unencrypted. */
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

/** `aes256`: only the holder of the terminal's private key can read the callbacks. */
export type WebhookEncryption = 'aes256' | 'none';

/** The merchant's address for callbacks in the gateway's form. */
export interface Webhook {
  readonly url: string;
  readonly encryption: WebhookEncryption;
}

/** The merchant's request. Never changes after intake, except for `lane`. */
export interface PaymentRequest {
  readonly merchantId: string;
  readonly terminalId: string;
  /** The merchant's unique id of this try to pay, and the idempotency key. */
  readonly reference: string;
  /** The order that several payments may try to pay; null for an order with one payment. */
  readonly orderId: string | null;
  /** The `Idempotency-Key` of the request; null when it had none. */
  readonly idempotencyKey: string | null;
  readonly mode: TerminalMode;
  /** The submission queue: the terminal's. Follows the terminal while the payment is queued. */
  readonly lane: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly method: PaymentMethod;
  readonly productName: string;
  /** The shop's page at which the payer arrives in the end. */
  readonly returnUrl: string;
  /**
   * The base URL of our return page, through which the payer comes back; null when the gateway
   * sends the payer straight to the shop.
   */
  readonly returnPage: string | null;
  readonly sourceUrl: string | null;
  readonly customer: Customer;
  readonly metadata: Readonly<Record<string, string>>;
  readonly card: CardSummary | null;
  /** Only requests in the gateway's form have one. */
  readonly webhook?: Webhook;
  /**
   * When the customer, the product, the addresses, the metadata and the card's digits were erased;
   * absent before.
   */
  readonly personalDataErasedAt?: Date;
  /** The payment's trace, as W3C Trace Context writes it; absent without one. */
  readonly traceparent?: string;
}

/** The state of the payment. Only decide() changes it. */
export interface PaymentState {
  readonly status: PaymentStatus;
  /** Counts transitions: the sequence of the last event. */
  readonly version: number;
  /**
   * The number of the latest submission attempt, 0 before the first: the fence. A process with a
   * lower number must not send.
   */
  readonly attempt: number;
  /** Inquiries without a result since the last transition: the position in the inquiry schedule. */
  readonly inquiries: number;
  /** Counts the requests from outside the schedule to take the next step at once. */
  readonly asks: number;
  /**
   * The newest of {@link asks} that an answer of the gateway followed; while it is lower, an answer
   * is awaited.
   */
  readonly asksAnswered: number;
  /** The amount that complete refunds of ours have returned. */
  readonly refundedMinor: bigint;
  /**
   * The amount that refunds of ours have reserved, complete or not; never below `refundedMinor`.
   * decide() does not change it.
   */
  readonly refundReservedMinor: bigint;
  /** The gateway's id, as decimal digits: exact, never a number (18 digits exceed 2^53). */
  readonly transId: string | null;
  /** The gateway's last code, as text. */
  readonly orderStatus: string | null;
  /** The gateway's text, for people only. */
  readonly gatewayResponse: string | null;
  readonly authUrl: string | null;
  readonly failure: { readonly code: FailureCode; readonly message: string } | null;
  /** The reason why the outcome is unknown; set exactly while `inDoubt`. */
  readonly doubtReason: DoubtReason | null;
  readonly flags: readonly PaymentFlag[];
  /** No attempt opens after this instant. */
  readonly submitBefore: Date;
  /**
   * When the next step is due (submission, sweep or inquiry, by status); null when only a message
   * or a person moves the payment on.
   */
  readonly nextStepAt: Date | null;
  /**
   * When the newest inquiry that a callback caused is or was due; null if no callback has caused
   * one.
   */
  readonly hintedAt: Date | null;
  /** When the last transition happened; an inquiry without news does not change it. */
  readonly updatedAt: Date;
}

export interface Payment extends PaymentRequest, PaymentState {
  /** `pi_…` */
  readonly id: string;
  readonly createdAt: Date;
  /**
   * Transactions that belong to other payments. Read while a change is being written; not stored
   * with the payment.
   */
  readonly foreignTransIds?: ReadonlySet<string>;
}

// Some ends are assumed: an operator resolved the doubt, or an absence counted as an answer. The
// gateway's own report outranks both, so that it corrects a wrong assumption.

/** `failure.code` of an end that an operator set. */
export const RESOLVED_BY_OPERATOR = 'resolved_by_operator';
/**
 * `failure.code` of a payment that the gateway reported as unknown for as long as the terminal's
 * policy requires.
 */
export const NEVER_ARRIVED = 'never_arrived';

/**
 * True when `declined`, `blocked` or `failed` rests on anything but the gateway's report. Assumed
 * `expired` and `cancelled` need no distinction: they are always soft.
 */
export function isAssumedEnd({ failure }: Pick<Payment, 'failure'>): boolean {
  return failure?.code === RESOLVED_BY_OPERATOR || failure?.code === NEVER_ARRIVED;
}
