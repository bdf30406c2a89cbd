// Goal: what judges the rows, the memory and the logs finds what it is meant to find. Method: one thing wrong a row.
import { memoryProblems } from './memory.mjs';
import { errorLines } from './processes.mjs';
import { paymentProblems, promiseProblems, refundProblems, textProblems } from './rows.mjs';

const PAYMENT = {
  id: 'pi_1',
  reference: 'ORD-1',
  amount_minor: '1111',
  refunded_minor: '0',
  currency: 'EUR',
  product_name: 'Two tickets 🎫',
  return_url: 'https://shop.example/return',
  customer: { name: 'Dev' },
  metadata: { cart: 'c-77' },
  card_first6: '401200',
  card_last4: '0026',
  sealed_card: null,
  status: 'succeeded',
  trans_id: '100135250426141606',
  version: 3,
};

it('finds nothing wrong with a row that is right', () => {
  expect(paymentProblems(PAYMENT)).toEqual([]);
  expect(refundProblems({ reference: '1', amount_minor: '1', reason: null })).toEqual([]);
});

it.each<[string, object]>([
  ['no letter in the reference', { reference: '12' }],
  ['a reference too long', { reference: 'A'.repeat(65) }],
  ['no amount', { amount_minor: '0' }],
  ['a negative amount', { amount_minor: '-1' }],
  ['an amount the gateway cannot carry', { amount_minor: '10000000000' }],
  ['more refunded than paid', { refunded_minor: '1112' }],
  ['a currency in lower case', { currency: 'eur' }],
  ['a blank name', { product_name: ' ' }],
  ['a script as address', { return_url: 'javascript:alert(1)' }],
  ['a card that was not erased', { sealed_card: 'eyJ' }],
  ['half of a card', { card_last4: null }],
  [
    'too many notes',
    { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [n, ''])) },
  ],
  ['a transID that is none', { trans_id: '1e17' }],
  ['NUL', { product_name: 'a\u0000b' }],
  ['half a surrogate pair, deep inside', { customer: { address: { city: '\ud83c' } } }],
  ['a control character in a name', { metadata: { 'a\u0007': 'b' } }],
])('finds a payment with %s', (_, change) => {
  expect(paymentProblems({ ...PAYMENT, ...change })).not.toEqual([]);
});

it('finds a refund of nothing, and what no text may hold', () => {
  expect(refundProblems({ reference: 'R', amount_minor: '0' })).toHaveLength(1);
  expect(textProblems({ fields: { response: 'a\nb' } })).toHaveLength(1);
});

describe('what was told', () => {
  const stored = [{ id: 'pi_1', reference: 'A' }];
  const told = new Set(['pi_1']);
  const [nobody, nothing] = [new Set<string>(), new Set<string>()];

  it('is what is stored', () => {
    expect(promiseProblems(stored, { told, unanswered: nobody })).toEqual([]);
  });
  it('is missed when it is not stored', () => {
    expect(promiseProblems([], { told, unanswered: nobody })).toHaveLength(1);
  });
  it('is missed when it is stored behind a refusal, but not when nobody was answered', () => {
    expect(promiseProblems(stored, { told: nothing, unanswered: nobody })).toHaveLength(1);
    expect(promiseProblems(stored, { told: nothing, unanswered: new Set(['A']) })).toEqual([]);
  });
});

it.each([
  ['heap', { heapMb: 60 }, 1],
  ['all that is resident', { residentMb: 200 }, 1],
  ['nothing much', { heapMb: 45, residentMb: 130 }, 0],
])('looks whether memory grows: %s', (_, change, found) => {
  const warm = { name: 'api', heapMb: 40, residentMb: 120 };
  expect(memoryProblems(warm, { ...warm, ...change })).toHaveLength(found);
});

it('finds what a process reports of itself as an error', () => {
  const lines = ['Debugger listening', '{"level":"warn"}', '{"level":"error"}', '{"level":60}', ''];
  expect(errorLines(lines.join('\n'))).toEqual(['{"level":"error"}', '{"level":60}']);
});
