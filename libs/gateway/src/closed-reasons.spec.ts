// Goal: callers read reasons of the closed lists alone, whatever the gateway or the network does,
// and no code of the network or a library. Method: every reply that the protocol knows, faults with
// arbitrary codes, and arbitrary replies, decided for a payment and for a refund.
import { errorNumbers, orderStatuses } from '@quittance/gateway-protocol';
import {
  decide,
  decideRefund,
  doubtReasons,
  failureCodes,
  fullReason,
  type Payment,
  type Refund,
  refundDoubtReasons,
  refundFailureCodes,
} from '@quittance/payments';
import fc from 'fast-check';
import { aPayment } from '../../../test/support/payments.js';
import { aPaidPayment, aRefundOf } from '../../../test/support/refunds.js';
import type { Exchange } from './exchange.js';
import { interpretRefundReply, interpretReply } from './interpret-reply.js';

const NOW = new Date('2026-11-21T10:00:00Z');
const TERMINAL = { number: 77 };
const aSent = (changes: Partial<Payment> = {}) =>
  aPayment({ status: 'submitting', attempt: 1, ...changes });
const STATUSES = [200, 201, 302, 400, 403, 404, 422, 500, 502, 503];

function afterReply(payment: Payment, exchange: Exchange): Payment {
  const outcome = interpretReply(exchange, TERMINAL);
  return decide(payment, { cause: 'reply', outcome, random: 0 }, NOW).next;
}

function afterRefundReply(payment: Payment, refund: Refund, exchange: Exchange): Refund {
  const outcome = interpretRefundReply(exchange, TERMINAL);
  const evidence = { cause: 'reply', outcome, random: 0 } as const;
  return decideRefund({ payment, refund }, evidence, NOW).next;
}

/** Expects listed reasons of a payment and a refund whose requests were answered so. */
function expectListed(exchange: Exchange): void {
  for (const mode of ['test', 'live'] as const) {
    const { failure, doubtReason } = afterReply(aSent({ mode }), exchange);
    if (failure) expect(failureCodes).toContain(failure.code);
    if (doubtReason !== null) expect(doubtReasons).toContain(doubtReason);
  }
  const paid = aPaidPayment();
  const refund = afterRefundReply(
    paid,
    aRefundOf(paid, { status: 'submitting', attempt: 1 }),
    exchange,
  );
  if (refund.failure) expect(refundFailureCodes).toContain(refund.failure.code);
  if (refund.doubtReason !== null) expect(refundDoubtReasons).toContain(refund.doubtReason);
}

const replied = (httpStatus: number, body: unknown): Exchange => ({
  kind: 'replied',
  httpStatus,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

it('a code of the network or a library is stored with the attempt alone', () => {
  for (const reason of ['und_err_socket', 'econnreset', 'timeout', 'hpe_invalid_constant']) {
    const outcome = interpretReply({ kind: 'noReply', reason }, TERMINAL);
    expect(outcome).toEqual({ kind: 'unknown', reason: 'no_reply', detail: reason });
    if (outcome.kind === 'unknown') expect(fullReason(outcome)).toBe(`no_reply_${reason}`);
    const payment = afterReply(aSent(), { kind: 'noReply', reason });
    expect(payment).toMatchObject({ status: 'inDoubt', doubtReason: 'no_reply' });
  }
});

it.each(errorNumbers.map(({ number }) => number))('error %s leads to listed reasons', (number) => {
  for (const status of STATUSES)
    expectListed(replied(status, { error_number: number, error_message: 'x', status: 'Error' }));
});

it.each(orderStatuses.map(({ code }) => String(code)))(
  'code %s leads to listed reasons',
  (code) => {
    const transaction = {
      transID: '100135250426141606',
      order_status: code,
      reference: 'ORD-1001',
    };
    for (const status of STATUSES) {
      expectListed(replied(status, { ...transaction, response: 'x' }));
      expectListed(replied(status, { ...transaction, transID: '1', bill_amt: 'x' }));
    }
  },
);

it('an arbitrary exchange leads to listed reasons', () => {
  const exchange: fc.Arbitrary<Exchange> = fc.oneof(
    fc.record({
      kind: fc.constant('replied' as const),
      httpStatus: fc.constantFrom(...STATUSES),
      body: fc.oneof(
        fc.constantFrom('Connector not found', 'Terminal not found', 'Invalid Connector'),
        fc.json(),
        fc.string(),
        fc.constantFrom(
          JSON.stringify({ error: 'Terminal not found' }),
          JSON.stringify({ error: 'Connector not found' }),
          JSON.stringify({ status: 'error', transID: '1', message: 'no' }),
        ),
      ),
    }),
    fc.record({
      kind: fc.constantFrom('noReply' as const, 'notSent' as const),
      reason: fc.string(),
    }),
  );
  fc.assert(fc.property(exchange, expectListed), { numRuns: 1_000 });
});
