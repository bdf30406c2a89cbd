import { aMove, aRefundMove } from './moves.fixture.js';
import {
  eventRefundStatuses,
  eventStatuses,
  eventType,
  eventId,
  paymentEventSchema,
  publishedEventSchema,
  refundEventSchema,
  refundEventType,
  subscriberQueue,
} from './contract.js';
import { eventOf } from './event-publisher.js';

const PAYMENT = 'pi_01jzk3v5m8e7wrt2q9a4c6x0yb';

describe('the event contract', () => {
  it.each(eventStatuses)(
    'builds the type of a transition to %s as a handler writes it',
    (status) => {
      expect(eventType(status)).toBe(`payment.${status}.v1`);
      expect(eventType(status)).toMatch(/^payment\.[a-z_]+\.v1$/);
    },
  );

  it('builds the id of an event from its payment and sequence', () => {
    expect(eventId(PAYMENT, 4)).toBe('evt_01jzk3v5m8e7wrt2q9a4c6x0yb_4');
  });

  it.each(eventRefundStatuses)('builds the type of a refund’s transition to %s', (status) => {
    expect(refundEventType(status)).toBe(`refund.${status}.v1`);
    expect(refundEventType(status)).toMatch(/^refund\.[a-z_]+\.v1$/);
  });

  it('builds the name of a subscriber’s queue', () => {
    expect(subscriberQueue('orders')).toBe('events-orders');
  });
});

describe('eventOf', () => {
  const at = new Date('2026-11-21T10:00:00.123Z');
  const move = aMove({ paymentId: PAYMENT, sequence: 4, previousStatus: 'requires_action', at });

  it('builds the CloudEvent of a transition', () => {
    expect(eventOf(move)).toEqual({
      specversion: '1.0',
      id: 'evt_01jzk3v5m8e7wrt2q9a4c6x0yb_4',
      type: 'payment.succeeded.v1',
      source: 'quittance',
      subject: PAYMENT,
      time: '2026-11-21T10:00:00.123Z',
      datacontenttype: 'application/json',
      data: {
        merchant: 'mer_test',
        sequence: 4,
        payment_intent: move.snapshot,
        previous_status: 'requires_action',
        cause: 'reply',
      },
    });
  });

  it('reads a snapshot in text form', () => {
    const text = { ...move, snapshot: JSON.stringify(move.snapshot) };
    expect(eventOf(text)).toEqual(eventOf(move));
  });

  it('conforms to the contract', () => {
    expect(paymentEventSchema.parse(eventOf(move))).toEqual(eventOf(move));
    expect(publishedEventSchema.parse(eventOf(move))).toEqual(eventOf(move));
  });
});

describe('the event of a refund', () => {
  const refund = aRefundMove({ paymentId: PAYMENT, sequence: 3, status: 'in_doubt' });

  it('has the refund as its subject, its own sequence, and the payment beside it', () => {
    expect(eventOf(refund)).toMatchObject({
      id: `evt_${String(refund.refund?.id).slice(3)}_3`,
      type: 'refund.in_doubt.v1',
      subject: refund.refund?.id,
      data: {
        merchant: 'mer_test',
        sequence: 3,
        refund: { id: refund.refund?.id, payment_intent: PAYMENT, status: 'in_doubt', version: 3 },
        payment_intent: { id: PAYMENT, status: 'succeeded' },
        previous_status: 'submitting',
        cause: 'reply',
      },
    });
  });

  it('conforms to the contract', () => {
    expect(refundEventSchema.parse(eventOf(refund))).toEqual(eventOf(refund));
    expect(publishedEventSchema.parse(eventOf(refund))).toEqual(eventOf(refund));
    expect(refundEventSchema.safeParse(eventOf(aMove())).success).toBe(false);
  });
});
