import {
  eventDoubtReasons,
  eventFailureAdvices,
  eventFailureCodes,
  eventFlags,
  eventRefundDoubtReasons,
  eventRefundFailureCodes,
  eventRefundSchema,
  eventRefundStatuses,
  eventStatuses,
  eventType,
  paymentEventSchema,
} from '@quittance/events';
import {
  doubtReasons,
  failureAdvices,
  failureCodes,
  paymentFlags,
  paymentStatuses,
  publicRefundStatuses,
  refundDoubtReasons,
  refundFailureCodes,
  statusToWire,
} from '@quittance/payments';
import { EVENTS_BY_FULFILMENT, type Fulfilment, fulfilmentOf } from './fulfilment.js';

const handled: readonly string[] = Object.values(EVENTS_BY_FULFILMENT).flat();

describe('the fulfilment of an order', () => {
  it.each(eventStatuses)('is decided in exactly one way for a payment that is %s', (status) => {
    expect(handled.filter((type) => type === eventType(status))).toHaveLength(1);
  });

  it('is decided for nothing else', () => {
    expect(handled.toSorted()).toEqual(eventStatuses.map(eventType).toSorted());
  });
});

describe('the fulfilment of an order with several payments', () => {
  it.each<[payments: Fulfilment[], order: Fulfilment]>([
    [['released', 'paid'], 'paid'],
    [['waiting', 'paid', 'recalled'], 'paid'],
    [['released', 'waiting'], 'waiting'],
    [['recalled', 'waiting'], 'waiting'],
    [['released', 'recalled'], 'recalled'],
    [['released', 'released'], 'released'],
  ])('%j is %s', (payments, order) => {
    expect(fulfilmentOf(payments)).toBe(order);
    expect(fulfilmentOf(payments.toReversed())).toBe(order);
  });
});

describe('the event contract', () => {
  it('has exactly the statuses of payments', () => {
    expect(eventStatuses.toSorted()).toEqual(paymentStatuses.map(statusToWire).toSorted());
    expect(paymentEventSchema.shape.data.shape.payment_intent.shape.status.options).toEqual(
      eventStatuses,
    );
  });

  it('has exactly the public statuses of refunds', () => {
    expect(eventRefundStatuses.toSorted()).toEqual(publicRefundStatuses.toSorted());
    expect(eventRefundSchema.shape.status.options).toEqual(eventRefundStatuses);
  });

  it.each([
    ['failure codes of payments', eventFailureCodes, failureCodes],
    ['advice after a failure', eventFailureAdvices, failureAdvices],
    ['failure codes of refunds', eventRefundFailureCodes, refundFailureCodes],
    ['doubt reasons of payments', eventDoubtReasons, doubtReasons],
    ['doubt reasons of refunds', eventRefundDoubtReasons, refundDoubtReasons],
    ['flags', eventFlags, paymentFlags],
  ])('has exactly the %s', (_, ofContract, ofPayments) => {
    expect([...ofContract].toSorted()).toEqual([...ofPayments].toSorted());
  });
});
