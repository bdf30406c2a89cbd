// The public JSON of a payment, in API responses and in events. Only this file converts its names
// to snake_case.
import { formatAmount } from './money.js';
import type { Payment, PaymentFlag } from './payment.js';
import { adviceFor, type DoubtReason, type FailureAdvice, type FailureCode } from './reasons.js';
import { statusToWire } from './status.js';

/**
 * `payment_intent` of the public contract. Amounts are decimal strings in major units; times are
 * RFC 3339 in UTC.
 */
export interface PaymentIntentView {
  readonly id: string;
  readonly object: 'payment_intent';
  readonly reference: string;
  readonly order_id: string | null;
  readonly terminal: string;
  readonly livemode: boolean;
  readonly amount: string;
  readonly currency: string;
  readonly refunded_amount: string;
  readonly method: string;
  readonly status: string;
  readonly next_action: { readonly type: 'redirect'; readonly url: string } | null;
  readonly card: { readonly brand: string; readonly first6: string; readonly last4: string } | null;
  readonly gateway: {
    readonly trans_id: string;
    readonly order_status: string | null;
    readonly response: string | null;
  } | null;
  readonly failure: {
    readonly code: FailureCode;
    readonly message: string;
    readonly advice: FailureAdvice;
  } | null;
  readonly doubt_reason: DoubtReason | null;
  readonly flags: readonly PaymentFlag[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Returns the view of `payment`. `terminalName` is the merchant's name for its terminal. */
export function paymentIntentView(payment: Payment, terminalName: string): PaymentIntentView {
  const { currency, status, authUrl, transId } = payment;
  return {
    id: payment.id,
    object: 'payment_intent',
    reference: payment.reference,
    order_id: payment.orderId,
    terminal: terminalName,
    livemode: payment.mode === 'live',
    amount: formatAmount({ minor: payment.amountMinor, currency }),
    currency,
    refunded_amount: formatAmount({ minor: payment.refundedMinor, currency }),
    method: payment.method,
    status: statusToWire(status),
    next_action: status === 'requiresAction' && authUrl ? { type: 'redirect', url: authUrl } : null,
    card: payment.card,
    gateway:
      transId === null
        ? null
        : {
            trans_id: transId,
            order_status: payment.orderStatus,
            response: payment.gatewayResponse,
          },
    failure: payment.failure && { ...payment.failure, advice: adviceFor(payment.failure.code) },
    doubt_reason: payment.doubtReason,
    flags: payment.flags,
    metadata: payment.metadata,
    version: payment.version,
    created_at: payment.createdAt.toISOString(),
    updated_at: payment.updatedAt.toISOString(),
  };
}
