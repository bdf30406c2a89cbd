// From a request without fault to the record that is stored.
import type { Customer, Payment } from '@quittance/payments';
import { InvariantViolation, newId } from '@quittance/platform';
import { readAmount, type ReadRequest } from './payment-rules.js';

/** What the caller's request does not say. */
export interface AcceptanceContext {
  readonly merchantId: string;
  /** Used where the request does not name the payer's address. Canonical; `undefined` where it is not known. */
  readonly callerIp: string | undefined;
  readonly now: Date;
  readonly submitWithinMs: number;
}

/**
 * The relay hands the payment to a worker within milliseconds. If that message is lost with Redis, the sweeper finds
 * the payment due after this; sooner, it would add jobs for payments that only wait in a long queue.
 */
const SWEEP_AFTER_MS = 30_000;

/** A payment as it is before anything happened to it: `queued`, version 1. */
export function newPayment(
  { request, terminal }: ReadRequest,
  context: AcceptanceContext,
): Payment {
  const { now, merchantId, submitWithinMs } = context;
  const money = readAmount(request.amount, request.currency);
  if (typeof money === 'string') throw new InvariantViolation('unchecked_amount', money);
  return {
    id: newId('pi'),
    merchantId,
    terminalId: terminal.id,
    mode: terminal.mode,
    lane: terminal.lane,
    reference: request.reference,
    amountMinor: money.minor,
    currency: money.currency,
    method: request.method,
    productName: request.product_name,
    returnUrl: request.return_url,
    sourceUrl: request.source_url ?? null,
    customer: customerOf(request.customer, context.callerIp),
    metadata: request.metadata ?? {},
    card: request.card?.number.summary ?? null,
    ...UNTOUCHED,
    submitBefore: new Date(now.getTime() + submitWithinMs),
    nextStepAt: new Date(now.getTime() + SWEEP_AFTER_MS),
    createdAt: now,
    updatedAt: now,
  };
}

const UNTOUCHED = {
  status: 'queued',
  version: 1,
  epoch: 0,
  inquiries: 0,
  asks: 0,
  asksAnswered: 0,
  refundedMinor: 0n,
  refundReservedMinor: 0n,
  transId: null,
  orderStatus: null,
  gatewayResponse: null,
  authUrl: null,
  failure: null,
  doubtReason: null,
  flags: [],
  hintedAt: null,
} as const satisfies Partial<Payment>;

function customerOf(
  customer: ReadRequest['request']['customer'],
  callerIp: string | undefined,
): Customer {
  const { address, ip, ...named } = customer ?? {};
  const { postal_code: postalCode, ...lines } = address ?? {};
  return {
    ...named,
    ip: ip ?? callerIp,
    ...(address && { address: { ...lines, postalCode } }),
  };
}
