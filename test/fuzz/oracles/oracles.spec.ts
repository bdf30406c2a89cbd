// Goal: the oracles find a second charge, a lost payment, a bad row, a leak and a growing process.
// Method: one thing wrong a row, beside what is right.
import { passesLuhn } from '@quittance/cards';
import { canaryCard } from '../../leaks/canaries.js';
import { chargeProblems, lostProblems, readJournal } from './charges.js';
import { logProblems, memoryProblems } from './processes.js';
import { promiseProblems, rowProblems } from './rows.js';
import { Secrets } from './secrets.js';

it('reads the last line about each transaction, and the requests that could charge', () => {
  const row = (transId: string, change: object) => ({
    kind: 'transaction',
    transaction: { transId, reference: 'A', charged: false, ...change },
  });
  const request = (couldCharge: boolean) => ({
    kind: 'request',
    reference: 'A',
    request: { couldCharge },
  });
  const replaced = row('1', { charged: true, refundRequests: 2 });
  const facts = [
    request(true),
    request(false),
    row('1', {}),
    replaced,
    row('2', { charged: true }),
  ];
  const text = [{ kind: 'terminal' }, ...facts].map((fact) => `${JSON.stringify(fact)}\n`).join('');
  expect(readJournal(text)).toEqual(new Map([['A', { sent: 1, charges: 2, refundRequests: 2 }]]));
});

const STATE = { status: 'succeeded', version: 3, isPaused: false, isOwed: false };
const STORED = { id: 'pi_1', reference: 'A', refunds: 1, waiting: 0, ...STATE };
const BOOK = { sent: 1, charges: 1, refundRequests: 1 };

it.each<[string, object, object, number]>([
  ['nothing wrong', {}, {}, 0],
  ['a refused one without a charge', { status: 'declined' }, { charges: 0 }, 0],
  ['one charged twice', {}, { charges: 2 }, 1],
  ['one sent twice', {}, { sent: 2 }, 1],
  ['a refund without a request', { refunds: 0 }, {}, 1],
  ['a success without a charge', {}, { charges: 0 }, 1],
  ['a charge under a refusal', { status: 'declined' }, {}, 1],
])('judges charges: %s', (_, payment, book, found) => {
  const books = new Map([['A', { ...BOOK, ...book }]]);
  expect(chargeProblems([{ ...STORED, ...payment }], books)).toHaveLength(found);
  expect(chargeProblems([], books)).toEqual(['A reached the gateway unstored']);
});

it.each<[string, object, number]>([
  ['nothing wrong', {}, 0],
  ['nothing wrong where nothing is sent', { status: 'queued', isPaused: true }, 0],
  ['one that stays queued', { status: 'queued' }, 1],
  ['one that is sent for ever', { status: 'submitting' }, 1],
  ['a refund that stays queued', { waiting: 1 }, 1],
  ['an event that did not arrive', { version: 4 }, 1],
  ['a callback that was not forwarded', { isOwed: true }, 1],
])('judges what was lost: %s', (_, change, found) => {
  expect(lostProblems([{ ...STORED, ...change }], new Map([['pi_1', 3]]))).toHaveLength(found);
});

const NAMES = { product_name: 'Two tickets 🎫', return_url: 'https://shop.example/return' };
const CARD = { card_first6: '401200', card_last4: '0026', sealed_card: null };
const AMOUNTS = { amount_minor: 1111, refunded_minor: 0, currency: 'EUR' };
const MORE = { customer: { name: 'Dev' }, metadata: { cart: 'c-77' }, trans_id: '100135250426' };
const WEBHOOK = { webhook_url: null };
const PAYMENT = {
  reference: 'ORD-1',
  ...STATE,
  ...NAMES,
  ...CARD,
  ...AMOUNTS,
  ...MORE,
  ...WEBHOOK,
};
const notes = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [n, '']));

it.each<[string, object]>([
  ['an amount the gateway cannot carry', { amount_minor: 10_000_000_000 }],
  ['a blank name', { product_name: ' ' }],
  ['a script as address', { return_url: 'javascript:alert(1)' }],
  ['a webhook that is no web address', { webhook_url: 'ftp://shop.example' }],
  ['half of a card', { card_last4: null }],
  ['too many notes', { metadata: notes }],
  ['NUL', { product_name: 'a\u0000b' }],
  ['half a surrogate pair, deep inside', { customer: { address: { city: '\ud83c' } } }],
  ['a control character in a name', { metadata: { 'a\u0007': 'b' } }],
])('finds a payment with %s', (_, change) => {
  expect(rowProblems('payment_intents', PAYMENT)).toEqual([]);
  expect(rowProblems('payment_intents', { ...PAYMENT, ...change })).not.toEqual([]);
});

it('finds bad rows of other tables', () => {
  expect(rowProblems('refunds', { reference: '1', amount_minor: 1, reason: null })).toEqual([]);
  expect(rowProblems('refunds', { reference: 'R', amount_minor: 10 ** 10 })).toHaveLength(1);
  expect(rowProblems('callbacks', { fields: { response: 'a\nb' } })).toHaveLength(1);
});

it('finds what is stored behind a refusal, and what was accepted and is not stored', () => {
  const [one, none] = [new Set(['pi_1']), new Set<string>()];
  expect(promiseProblems(['pi_1'], one)).toEqual([]);
  expect(promiseProblems([], one)).toHaveLength(1);
  expect(promiseProblems(['pi_1'], none)).toHaveLength(1);
});

it.each([
  ['heap', { heapMb: 60 }, 1],
  ['resident memory', { residentMb: 200 }, 1],
  ['neither much', { heapMb: 45, residentMb: 130 }, 0],
])('finds memory that grows: %s', (_, change, found) => {
  const warm = { name: 'api', heapMb: 40, residentMb: 120 };
  expect(memoryProblems([warm], [{ ...warm, ...change }])).toHaveLength(found);
});

const card = { name: 'a card', number: '4539578763621486', cvv: '987' };
const key = 'qk_7Jt0mVwZ3bX9cR5sL1yQ8fD2hN6kP4gA';
const secrets = new Secrets(card, { 'a key': key });

const STACK = String.raw`"stack":"E: \"x\"\n    at late (/app/dist/a.js:14:10)"`;

it.each([
  ['an error', '{"level":"error","msg":"x"}', 1],
  ['a fatal error by its number', '{"level":60}', 1],
  [
    'a fault of the program in a warning',
    `{"level":"warn","err":{"type":"TypeError",${STACK}}}`,
    1,
  ],
  ['a warning with a stack outside of its error', `{"level":"warn","msg":${STACK.slice(8)}}`, 1],
  ['a stack without a line of JSON', '(node:1) Warning\n    at x (/app/a.js:1:2)', 1],
  ['a key in the stack of a warning', `{"level":"warn","err":{"stack":"${key}"}}`, 1],
  [
    'a warning of a late operation',
    `{"level":"warn","err":{"type":"DeadlineExceeded",${STACK}}}`,
    0,
  ],
  ['words of Node', 'Debugger listening', 0],
])('judges a log with %s', (_, line, found) => {
  const log = ['{"level":"info","msg":"ready"}', line, ''].join('\n');
  expect(logProblems('api', log, secrets)).toHaveLength(found);
});

it.each([
  ['a number', `{"note":"paid with ${card.number}"}`],
  ['a number in groups', 'x 4539-5787-6362-1486 y'],
  ['a number in base64', Buffer.from(`{"n":"${card.number}"}`).toString('base64')],
  ['a CVV by its name', `{"cvv":"${card.cvv}"}`],
  ['a key', `Bearer ${key}`],
  ['a frame of ours', 'Error: x\\n    at create (/app/apps/api/src/create.ts:14:10)'],
  ['a frame of Node', '"stack":"at TCP.<anonymous> (node:net:343:12)"'],
  ['a path into a package', 'Cannot find /app/node_modules/pg/index.js'],
])('finds the secret in %s', (_, text) => {
  expect(secrets.problemsIn('the answer', text).join()).toContain('the answer');
});

it.each([
  ['a masked number', '{"first6":"453957","last4":"1486"}'],
  ['three digits', '{"limit":987}'],
  ['another key', 'Bearer qk_other'],
  ['words about times', 'paid at 2026-11-21T15:51:00.123Z'],
])('finds nothing in %s', (_, text) => {
  expect(secrets.problemsIn('the answer', text)).toEqual([]);
});

it.each([0, 1, 2])('has a card that the api accepts, with the digit %s', (digit) => {
  const { number, cvv } = canaryCard('a card', () => digit);
  expect(number).toMatch(/^4\d{15}$/);
  expect(passesLuhn(number)).toBe(true);
  expect(cvv).toMatch(/^[1-9]\d\d$/);
});
