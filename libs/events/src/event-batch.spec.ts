import { readBatch } from './event-batch.js';
import { aMove, aRefundMove } from './moves.fixture.js';
import { eventOf } from './event-publisher.js';

const event = eventOf(aMove());
const refundEvent = eventOf(aRefundMove());
const NUMBER = '4012000033330026';

const read = (data: unknown, name = 'payment.events.v1') =>
  readBatch({ id: '1', name, data, opts: { attempts: 12 } });

describe('readBatch', () => {
  it('accepts a new status, type or field', () => {
    const newer = {
      ...event,
      type: 'payment.teleported.v2',
      extension: true,
      data: { ...event.data, payment_intent: { id: 'pi_1', status: 'teleported' } },
    };
    expect(read({ events: [event, newer] })).toEqual({
      events: [event, newer],
      unreadable: [],
    });
  });

  it('accepts the event of a refund', () => {
    expect(read({ events: [refundEvent, event] })).toEqual({
      events: [refundEvent, event],
      unreadable: [],
    });
  });

  it.each<[string, unknown, string]>([
    [
      'a refund for a subject and none inside',
      { ...event, subject: refundEvent.subject },
      'data.refund',
    ],
    ['no id', { ...event, id: undefined }, 'id'],
    ['a number for an id', { ...event, id: NUMBER }, 'id'],
    ['an empty subject', { ...event, subject: '' }, 'subject'],
    ['a number for a subject', { ...event, subject: NUMBER }, 'subject'],
    ['a number for a type', { ...event, type: `${NUMBER}.v1` }, 'type'],
    ['a number for a time', { ...event, time: NUMBER }, 'time'],
    ['a sequence of zero', { ...event, data: { ...event.data, sequence: 0 } }, 'data.sequence'],
    ['a sequence as text', { ...event, data: { ...event.data, sequence: '1' } }, 'data.sequence'],
    [
      'no payment',
      { ...event, data: { ...event.data, payment_intent: null } },
      'data.payment_intent',
    ],
    ['no data', { ...event, data: undefined }, 'data'],
    ['text', NUMBER, 'not an object'],
    ['null', null, 'not an object'],
  ])('separates an entry that has %s, and names the field', (_case, entry, where) => {
    expect(read({ events: [entry, event] })).toEqual({ events: [event], unreadable: [where] });
  });

  const cannot = 'payment.events.v1 cannot be read';
  it.each<[string, unknown, string]>([
    ['nothing', undefined, `${cannot}: it contains no list of events`],
    ['text', NUMBER, `${cannot}: it contains no list of events`],
    ['an object without events', {}, `${cannot}: it contains no list of events`],
    ['events that are no list', { events: {} }, `${cannot}: it contains no list of events`],
    ['more than events', { events: [], card: 1, [NUMBER]: 1 }, `${cannot}: unexpected card, …`],
  ])('rejects a job that contains %s', (_case, data, foreign) => {
    expect(read(data)).toEqual({ foreign });
  });

  it('rejects a job of another name, but not of another version', () => {
    const foreign = 'its name is not that of an event batch';
    expect(read({ events: [] }, NUMBER)).toEqual({ foreign });
    expect(read({ events: [event] }, 'payment.events.v2')).toMatchObject({ events: [event] });
  });
});
