// Goal: a second charge, a stray one and a lost payment are found. Method: one thing wrong a row, beside what is right.
import { chargeProblems, lostProblems, readJournal } from './charges.mjs';

const request = (couldCharge: boolean) => ({
  kind: 'request',
  reference: 'A',
  request: { couldCharge },
});
const row = (transId: string, change: object) => ({
  kind: 'transaction',
  transaction: { transId, reference: 'A', charged: false, ...change },
});
const journal = (...facts: object[]) => facts.map((fact) => `${JSON.stringify(fact)}\n`).join('');

it('reads the last line about each row, and the requests that could charge', () => {
  const text = journal(
    { kind: 'terminal' },
    request(true),
    request(false),
    row('1', {}),
    row('1', { charged: true, refundRequests: 2 }),
    row('2', { charged: true }),
  );
  expect(readJournal(text)).toEqual(new Map([['A', { sent: 1, charges: 2, refundRequests: 2 }]]));
});

const PAID = { reference: 'A', status: 'succeeded', refunds: 1 };
const BOOK = { sent: 1, charges: 1, refundRequests: 1 };

it.each<[string, object, object, number]>([
  ['nothing wrong', {}, {}, 0],
  ['one not charged that never was', { status: 'declined' }, { charges: 0 }, 0],
  ['one charged twice', {}, { charges: 2 }, 1],
  ['one sent twice', {}, { sent: 2 }, 1],
  ['a refund nobody asked for', { refunds: 0 }, {}, 1],
  ['a success without a charge', {}, { charges: 0 }, 1],
  ['a charge under a refusal', { status: 'declined' }, {}, 1],
])('finds %s', (_, payment, book, found) => {
  const books = new Map([['A', { ...BOOK, ...book }]]);
  expect(chargeProblems([{ ...PAID, ...payment }], books)).toHaveLength(found);
});

it('finds what reached the gateway and is not stored', () => {
  expect(chargeProblems([], new Map([['A', BOOK]]))).toHaveLength(1);
});

const DONE = {
  id: 'pi_1',
  reference: 'A',
  status: 'succeeded',
  version: 3,
  isPaused: false,
  waiting: 0,
};

it.each<[string, object, number]>([
  ['nothing wrong', {}, 0],
  ['nothing wrong where nothing is sent', { status: 'queued', isPaused: true }, 0],
  ['one that lies about', { status: 'queued' }, 1],
  ['one that is being sent for ever', { status: 'submitting' }, 1],
  ['a refund that lies about', { waiting: 1 }, 1],
  ['a move nobody was told of', { version: 4 }, 1],
])('finds %s', (_, change, found) => {
  expect(lostProblems([{ ...DONE, ...change }], new Map([['pi_1', 3]]))).toHaveLength(found);
});
