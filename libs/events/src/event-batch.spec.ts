import { readBatch } from './event-batch.js';
import { aMove } from './moves.fixture.js';
import { paymentEvent } from './event-publisher.js';

const event = paymentEvent(aMove());
const NUMBER = '4012000033330026';

const read = (data: unknown, name = 'payment.events.v1') =>
  readBatch({ id: '1', name, data, opts: { attempts: 12 } });

describe('readBatch', () => {
  it('passes on what it does not know: a new status, type or field is no fault', () => {
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

  it.each<[string, unknown, string]>([
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
    ['text', NUMBER, 'no object'],
    ['null', null, 'no object'],
  ])('sorts out an entry that has %s, and says where', (_case, entry, where) => {
    expect(read({ events: [entry, event] })).toEqual({ events: [event], unreadable: [where] });
  });

  const cannot = 'payment.events.v1 cannot be read';
  it.each<[string, unknown, string]>([
    ['nothing', undefined, `${cannot}: it holds no list of events`],
    ['text', NUMBER, `${cannot}: it holds no list of events`],
    ['an object without events', {}, `${cannot}: it holds no list of events`],
    ['events that are no list', { events: {} }, `${cannot}: it holds no list of events`],
    ['more than events', { events: [], card: 1, [NUMBER]: 1 }, `${cannot}: unexpected card, …`],
  ])('tells a job that holds %s from a batch', (_case, data, foreign) => {
    expect(read(data)).toEqual({ foreign });
  });

  it('tells a job of another name from a batch, but not of another version', () => {
    const foreign = 'its name is not one of a batch of events';
    expect(read({ events: [] }, NUMBER)).toEqual({ foreign });
    expect(read({ events: [event] }, 'payment.events.v2')).toMatchObject({ events: [event] });
  });
});
