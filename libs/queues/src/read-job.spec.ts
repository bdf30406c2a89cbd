import type { Job } from 'bullmq';
import { readJob } from './read-job.js';

const PAYMENT = 'pi_01jzk3v5m8e7wrt2q9a4c6x0yb';
const NUMBER = '4012000033330026';
const ours = {
  id: `inquire-${PAYMENT}-3-495234-0`,
  name: 'payment.inquire.v1',
  data: { paymentId: PAYMENT } as unknown,
  opts: {
    jobId: `inquire-${PAYMENT}-3-495234-0`,
    attempts: 7,
    backoff: { type: 'exponential', delay: 1000, jitter: 0.5 },
    removeOnComplete: true,
    removeOnFail: { count: 10_000 },
    stackTraceLimit: 1,
    timestamp: 1_795_000_000_000,
  } as Record<string, unknown>,
};
const read = (changes: Partial<typeof ours>) => readJob({ ...ours, ...changes } as unknown as Job);

describe('a job', () => {
  it.each<[string, Partial<typeof ours>, string]>([
    ['as the producer adds it', {}, 'ours'],
    ['with an id of an older version', { id: 'older', opts: { attempts: 3 } }, 'ours'],
    ['with BullMQ’s own number as its id', { id: '17', opts: { attempts: 7 } }, 'ours'],
    ['of a newer version', { name: 'payment.inquire.v2' }, 'newer'],
    ['of a newer kind', { name: 'refund.poll.v1', data: { refundId: PAYMENT } }, 'newer'],
    ['of a newer kind that needs no id', { name: 'cards.sweep.v1', data: {} }, 'newer'],
  ])('%s', (_case, changes, is) => {
    expect(read(changes)).toEqual({ is });
  });

  const card = { number: NUMBER, cvv: '123' };
  it.each<[string, Partial<typeof ours>, string]>([
    [
      'more than ids',
      { data: { paymentId: PAYMENT, card, [NUMBER]: 1 } },
      'payment.inquire.v1 cannot be read: unexpected card, …',
    ],
    [
      'another value instead of an id',
      { data: { paymentId: NUMBER } },
      'payment.inquire.v1 cannot be read: paymentId missing or malformed',
    ],
    ['a text', { data: NUMBER }, 'payment.inquire.v1 cannot be read: it is not an object'],
    ['nothing', { data: null }, 'payment.inquire.v1 cannot be read: it is not an object'],
    [
      'more than ids, of a newer kind',
      { name: 'card.keep.v1', data: { ...card, paymentId: PAYMENT } },
      'card.keep.v1 cannot be read: no id in number, cvv',
    ],
    [
      'many ids, of a newer kind',
      {
        name: 'a.b.v1',
        data: Object.fromEntries(Array.from('abcdef').map((at) => [`${at}Id`, PAYMENT])),
      },
      'a.b.v1 cannot be read: too many ids',
    ],
    ['another name', { name: NUMBER }, 'its name does not have the form of a job name'],
    ['a prototype’s name', { name: '__proto__' }, 'its name does not have the form of a job name'],
    [
      'no name',
      { name: undefined as unknown as string },
      'its name does not have the form of a job name',
    ],
    [
      'a number in its id',
      { id: `x-4012-0000-3333-0026` },
      'payment.inquire.v1 cannot be read: its id may hold a number',
    ],
    [
      'a text in its options',
      { opts: { deduplication: { id: NUMBER } } },
      'payment.inquire.v1 cannot be read: unexpected in its options deduplication',
    ],
    [
      'a number in its options',
      { opts: { delay: Number(NUMBER), [NUMBER]: 1 } },
      'payment.inquire.v1 cannot be read: unexpected in its options delay, …',
    ],
  ])('that contains %s is foreign, and the reason omits its values', (_case, changes, reason) => {
    expect(read(changes)).toEqual({ is: 'foreign', reason });
  });
});
