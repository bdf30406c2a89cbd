import { aMove } from './moves.fixture.js';
import {
  eventStatuses,
  eventType,
  paymentEventId,
  paymentEventSchema,
  subscriberQueue,
} from './contract.js';
import { paymentEvent } from './event-publisher.js';

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
    expect(paymentEventId(PAYMENT, 4)).toBe('evt_01jzk3v5m8e7wrt2q9a4c6x0yb_4');
  });

  it('builds the name of a subscriber’s queue', () => {
    expect(subscriberQueue('orders')).toBe('events-orders');
  });
});

describe('paymentEvent', () => {
  const at = new Date('2026-11-21T10:00:00.123Z');
  const move = aMove({ paymentId: PAYMENT, sequence: 4, previousStatus: 'requires_action', at });

  it('builds the CloudEvent of a transition', () => {
    expect(paymentEvent(move)).toEqual({
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
    expect(paymentEvent(text)).toEqual(paymentEvent(move));
  });

  it('conforms to the contract', () => {
    expect(paymentEventSchema.parse(paymentEvent(move))).toEqual(paymentEvent(move));
  });
});
