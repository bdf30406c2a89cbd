import { UnrecoverableError } from 'bullmq';
import { readBatch } from './event-batch.js';
import { aMove } from './moves.fixture.js';
import { paymentEvent } from './payment-moved.js';

const event = paymentEvent(aMove());

describe('readBatch', () => {
  it('passes on what it does not know: a new status, type or field is no fault', () => {
    const newer = {
      ...event,
      type: 'payment.teleported.v2',
      extension: true,
      data: { ...event.data, payment_intent: { id: 'pi_1', status: 'teleported' } },
    };
    expect(readBatch({ events: [event, newer] })).toEqual({
      events: [event, newer],
      unreadable: [],
    });
  });

  it.each<[string, unknown]>([
    ['no id', { ...event, id: undefined }],
    ['an empty subject', { ...event, subject: '' }],
    ['a sequence of zero', { ...event, data: { ...event.data, sequence: 0 } }],
    ['a sequence as text', { ...event, data: { ...event.data, sequence: '1' } }],
    ['no payment', { ...event, data: { ...event.data, payment_intent: null } }],
    ['no data', { ...event, data: undefined }],
    ['text', 'event'],
    ['null', null],
  ])('sorts out an entry that is %s', (_case, entry) => {
    expect(readBatch({ events: [entry, event] })).toEqual({ events: [event], unreadable: [entry] });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['text', 'events'],
    ['an object without events', {}],
    ['events that are no list', { events: {} }],
  ])('ends a job that holds %s', (_case, data) => {
    expect(() => readBatch(data)).toThrow(UnrecoverableError);
  });
});
