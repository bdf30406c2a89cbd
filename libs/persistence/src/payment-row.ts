// Converts between a row of payment_intents and a Payment. Rows travel to Postgres as JSON, many in
// one statement.
import type {
  Customer,
  Payment,
  PaymentMethod,
  TerminalMode,
  WebhookEncryption,
} from '@quittance/payments';
import {
  doubtReasons,
  failureCodes,
  listed,
  paymentFlags,
  statusFromWire,
  statusToWire,
} from '@quittance/payments';
import { InvariantViolation } from '@quittance/platform';

/** A row as `pg` returns it: bigint as text, timestamps as Date, json parsed. */
export interface PaymentRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly terminal_id: string;
  readonly reference: string;
  readonly order_id: string | null;
  readonly idempotency_key: string | null;
  readonly mode: TerminalMode;
  readonly lane: string;
  readonly amount_minor: string;
  readonly refunded_minor: string;
  readonly refund_reserved_minor: string | null;
  readonly currency: string;
  readonly method: PaymentMethod;
  readonly product_name: string;
  readonly return_url: string;
  readonly return_page: string | null;
  readonly source_url: string | null;
  readonly customer: Customer;
  readonly metadata: Record<string, string>;
  readonly card_brand: string | null;
  readonly card_first6: string | null;
  readonly card_last4: string | null;
  readonly sealed_card: string | null;
  readonly status: string;
  readonly version: number;
  readonly epoch: number;
  readonly inquiries: number;
  readonly asks: number | null;
  readonly asks_answered: number | null;
  readonly trans_id: string | null;
  readonly order_status: string | null;
  readonly gateway_response: string | null;
  readonly auth_url: string | null;
  readonly failure_code: string | null;
  readonly failure_message: string | null;
  readonly doubt_reason: string | null;
  readonly flags: readonly string[];
  readonly submit_before: Date;
  readonly next_step_at: Date | null;
  readonly hinted_at: Date | null;
  readonly webhook_url: string | null;
  readonly webhook_encryption: WebhookEncryption | null;
  readonly personal_data_erased_at: Date | null;
  readonly traceparent: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A row as loaded for a decision. */
export interface LoadedPaymentRow extends PaymentRow {
  readonly terminal_version: string;
}

/** Returns the payment of a row. */
export function paymentOf(row: PaymentRow): Payment {
  const status = statusFromWire(row.status);
  if (!status)
    throw new InvariantViolation('unknown_status', `payment ${row.id} has an unknown status`);
  return {
    id: row.id,
    merchantId: row.merchant_id,
    terminalId: row.terminal_id,
    reference: row.reference,
    orderId: row.order_id,
    idempotencyKey: row.idempotency_key,
    mode: row.mode,
    lane: row.lane,
    amountMinor: BigInt(row.amount_minor),
    refundedMinor: BigInt(row.refunded_minor),
    refundReservedMinor: BigInt(row.refund_reserved_minor ?? 0),
    currency: row.currency,
    method: row.method,
    productName: row.product_name,
    returnUrl: row.return_url,
    returnPage: row.return_page,
    sourceUrl: row.source_url,
    customer: row.customer,
    metadata: row.metadata,
    card: cardOf(row),
    ...webhookOf(row),
    ...(row.personal_data_erased_at && { personalDataErasedAt: row.personal_data_erased_at }),
    status,
    version: row.version,
    attempt: row.epoch,
    inquiries: row.inquiries,
    asks: row.asks ?? 0,
    asksAnswered: row.asks_answered ?? 0,
    transId: row.trans_id,
    orderStatus: row.order_status,
    gatewayResponse: row.gateway_response,
    authUrl: row.auth_url,
    failure:
      row.failure_code === null
        ? null
        : { code: listed(failureCodes, row.failure_code), message: row.failure_message ?? '' },
    doubtReason: row.doubt_reason === null ? null : listed(doubtReasons, row.doubt_reason),
    flags: paymentFlags.filter((flag) => row.flags.includes(flag)),
    submitBefore: row.submit_before,
    nextStepAt: row.next_step_at,
    hintedAt: row.hinted_at,
    ...(row.traceparent !== null && { traceparent: row.traceparent }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function cardOf(row: PaymentRow): Payment['card'] {
  const { card_brand: brand, card_first6: first6, card_last4: last4 } = row;
  return brand === null || first6 === null || last4 === null ? null : { brand, first6, last4 };
}

function webhookOf({ webhook_url: url, webhook_encryption: encryption }: PaymentRow) {
  return url === null || encryption === null ? {} : { webhook: { url, encryption } };
}

/** Returns the columns that decide() may change, for a row of JSON input. */
export function stateColumns(payment: Payment) {
  return {
    status: statusToWire(payment.status),
    version: payment.version,
    epoch: payment.attempt,
    inquiries: payment.inquiries,
    refunded_minor: payment.refundedMinor.toString(),
    trans_id: payment.transId,
    order_status: payment.orderStatus,
    gateway_response: payment.gatewayResponse,
    auth_url: payment.authUrl,
    failure_code: payment.failure?.code ?? null,
    failure_message: payment.failure?.message ?? null,
    doubt_reason: payment.doubtReason,
    flags: payment.flags,
    next_step_at: payment.nextStepAt,
    hinted_at: payment.hintedAt,
    updated_at: payment.updatedAt,
  };
}

/**
 * Returns all columns of a new payment, for a row of JSON input. The spread comes last: after a
 * spread, V8 adds further properties one by one, which took seventy times as long.
 */
export function insertColumns(payment: Payment, sealedCard: string | null) {
  return {
    id: payment.id,
    merchant_id: payment.merchantId,
    terminal_id: payment.terminalId,
    reference: payment.reference,
    order_id: payment.orderId,
    idempotency_key: payment.idempotencyKey,
    mode: payment.mode,
    lane: payment.lane,
    amount_minor: payment.amountMinor.toString(),
    refund_reserved_minor:
      payment.refundReservedMinor === 0n ? null : payment.refundReservedMinor.toString(),
    currency: payment.currency,
    method: payment.method,
    product_name: payment.productName,
    return_url: payment.returnUrl,
    return_page: payment.returnPage,
    source_url: payment.sourceUrl,
    customer: payment.customer,
    metadata: payment.metadata,
    card_brand: payment.card?.brand ?? null,
    card_first6: payment.card?.first6 ?? null,
    card_last4: payment.card?.last4 ?? null,
    sealed_card: sealedCard,
    submit_before: payment.submitBefore,
    created_at: payment.createdAt,
    asks: payment.asks,
    asks_answered: payment.asksAnswered,
    webhook_url: payment.webhook?.url ?? null,
    webhook_encryption: payment.webhook?.encryption ?? null,
    traceparent: payment.traceparent ?? null,
    ...stateColumns(payment),
  };
}
