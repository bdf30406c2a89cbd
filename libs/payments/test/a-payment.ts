// Payments and reports for tests. A built payment is always consistent with its status: an
// `inDoubt` one has a reason of doubt too, so that no test starts from a record that cannot exist.
import type { GatewayReport } from '../src/evidence.js';
import type { Payment } from '../src/payment.js';
import type { PaymentStatus } from '../src/status.js';
import { stateOfCode } from './gateway-codes.js';

/** The instant of every decision in the tests. */
export const NOW = new Date('2026-03-01T12:00:00.000Z');

/** The instant `ms` milliseconds from NOW; negative for the past. */
export const fromNow = (ms: number): Date => new Date(NOW.getTime() + ms);

const neverSent: Partial<Payment> = { transId: null, attempt: 0, version: 1, orderStatus: null };

/** The fields that a status implies. */
const CONSISTENT: Record<PaymentStatus, Partial<Payment>> = {
  queued: { ...neverSent, nextStepAt: NOW },
  submitting: { ...neverSent, attempt: 1, version: 2, nextStepAt: fromNow(45_000) },
  requiresAction: { orderStatus: '0', authUrl: 'https://gateway.example/api/authurl/1' },
  processing: { orderStatus: '0' },
  inDoubt: { transId: null, orderStatus: null, doubtReason: 'no_reply' },
  succeeded: { orderStatus: '1' },
  declined: { orderStatus: '2', failure: { code: 'declined', message: 'Declined' } },
  blocked: { orderStatus: '10', failure: { code: 'blocked', message: 'Blocked' } },
  failed: { transId: null, failure: { code: 'gateway_1113', message: 'Invalid card' } },
  expired: { orderStatus: '22' },
  cancelled: { orderStatus: '23' },
  refundPending: { orderStatus: '8' },
  refunded: { orderStatus: '7', refundedMinor: 1111n, refundReservedMinor: 1111n },
  partiallyRefunded: { orderStatus: '7', refundedMinor: 500n, refundReservedMinor: 500n },
  reversed: { orderStatus: '7' },
  chargedBack: { orderStatus: '5' },
  disputed: { orderStatus: '11' },
};

/**
 * A frozen payment of 11.11 EUR in `status`, an hour before its submission deadline, with `changes`
 * on top.
 */
export function aPayment(status: PaymentStatus, changes: Partial<Payment> = {}): Payment {
  return Object.freeze({
    id: 'pi_01h455vb4pex5vsknk084sn02q',
    merchantId: 'mer_1',
    terminalId: 'ter_1',
    reference: 'ORD-1001',
    mode: 'live',
    lane: 'default',
    amountMinor: 1111n,
    currency: 'EUR',
    method: 'CC',
    productName: 'Two tickets',
    returnUrl: 'https://shop.example/return',
    returnPage: null,
    sourceUrl: null,
    orderId: null,
    idempotencyKey: null,
    customer: {},
    metadata: {},
    card: { brand: 'visa', first6: '401200', last4: '0026' },
    status,
    version: 3,
    attempt: 1,
    inquiries: 0,
    asks: 0,
    asksAnswered: 0,
    refundedMinor: 0n,
    refundReservedMinor: 0n,
    transId: '100135250426141606',
    orderStatus: null,
    gatewayResponse: null,
    authUrl: null,
    failure: null,
    doubtReason: null,
    flags: [],
    submitBefore: fromNow(3_600_000),
    nextStepAt: null,
    hintedAt: null,
    createdAt: fromNow(-60_000),
    updatedAt: fromNow(-60_000),
    ...CONSISTENT[status],
    ...changes,
  });
}

/**
 * A complete and matching report of the gateway about such a payment, with the code `orderStatus`.
 */
export function aReport(orderStatus: string, changes: Partial<GatewayReport> = {}): GatewayReport {
  return Object.freeze({
    transId: '100135250426141606',
    state: stateOfCode(orderStatus),
    orderStatus,
    reference: 'ORD-1001',
    amount: '11.11',
    currency: 'EUR',
    response: 'The gateway’s text',
    authUrl: null,
    maskedCard: '401200XXXXXX0026',
    isOtherTerminal: false,
    unreadable: [],
    ...changes,
  });
}
