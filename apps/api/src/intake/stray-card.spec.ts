import { aRequest } from '../../test/a-request.js';
import { strayCardFaults } from './stray-card.js';

const NUMBER = '4012000033330026';
const pathsOf = (changes: Record<string, unknown>) =>
  strayCardFaults(aRequest(changes)).map(({ path }) => path);

it.each([
  ['metadata', { metadata: { note: `card ${NUMBER}` } }],
  ['metadata', { metadata: { [NUMBER]: 'x' } }],
  ['metadata', { metadata: { a: { b: [NUMBER] } } }],
  ['metadata', { metadata: { n: Number(NUMBER) } }],
  ['metadata', { metadata: { a: '4012', b: '0000', c: '3333', d: '0026' } }],
  ['metadata', { metadata: { d: '0026', c: '3333', b: '0000', a: '4012' } }],
  ['metadata', { metadata: { a: '40120000 and then', b: '33330026' } }],
  ['metadata', { metadata: { list: ['4012', '0000', '3333', '0026'] } }],
  ['metadata', { metadata: { a: '6200333300002104' } }],
  ['reference', { reference: `ORD-${NUMBER}` }],
  ['reference', { reference: 'ORD-4a0b1c2d0e0f0g0h3i3j3k3l0m0n2o6' }],
  ['product_name', { product_name: 'Paid with 4012 0000-3333.0026' }],
  ['product_name', { product_name: 'Paid with ４０１２００００３３３３００２６' }],
  ['product_name', { product_name: 'Paid with ٤٠١٢٠٠٠٠٣٣٣٣٠٠٢٦' }],
  ['product_name', { product_name: 'Paid with 4012→0000→3333→0026' }],
  ['product_name', { product_name: '%34012000033330026' }],
  ['…', { [NUMBER]: 'x' }],
  ['…', { [`a ${NUMBER}`]: NUMBER }],
  ['…', { 'x4012 0000 3333 0026': '1' }],
  ['customer', { customer: { name: NUMBER } }],
  ['customer', { customer: { phone: `+${NUMBER}` } }],
  ['return_url', { return_url: `https://shop.example/?c=${NUMBER}` }],
  ['return_url', { return_url: 'https://shop.example/?c=%34%30%31%32000033330026' }],
])('finds the card’s number in %s: %p', (path, changes) => {
  expect(pathsOf(changes)).toEqual([path]);
});

it('finds a number with equal pieces, if there are enough of them', () => {
  const card = { number: '4242424242424242', cvv: '123', exp_month: '01', exp_year: '30' };
  const metadata = { list: Array.from({ length: 8 }, () => '42') };
  expect(pathsOf({ card, metadata })).toEqual(['metadata']);
});

// The same piece does not count twice: 42 is not yet 4242424242424242.
it.each(['4242424242424242', '4111111111111111', '5555555555554444', NUMBER])(
  'accepts counted references beside the card %s',
  (number) => {
    const card = { number, cvv: '123', exp_month: '01', exp_year: '30' };
    const references = Array.from({ length: 10_000 }, (_, count) => `ORD-${count}`);
    expect(references.filter((reference) => pathsOf({ card, reference }).length > 0)).toEqual([]);
  },
);

it('finds a number split over two fields', () => {
  const metadata = { [NUMBER.slice(8)]: 'x' };
  const changes = { reference: `ORD-${NUMBER.slice(0, 8)}`, metadata };
  expect(pathsOf(changes).toSorted()).toEqual(['metadata', 'reference']);
});

it.each([
  ['reference', { reference: 'ORD-4242424242424242' }],
  ['product_name', { product_name: 'for 5555 5555 5555 4444' }],
  ['metadata', { metadata: { card: '5555-5555-5555-4444' } }],
  ['metadata', { metadata: { note: Buffer.from('5555555555554444').toString('base64') } }],
  ['customer', { customer: { name: '5555555555554444' } }],
  ['customer', { customer: { phone: '5555555555554444' } }],
  ['source_url', { source_url: 'https://shop.example/5555555555554444' }],
])(
  'finds another card’s number in %s, with or without a card in the request: %p',
  (path, changes) => {
    expect(pathsOf(changes)).toEqual([path]);
    expect(pathsOf({ ...changes, card: undefined, method: 'WALLET' })).toEqual([path]);
  },
);

it.each([
  ['metadata', { metadata: { cvv: '123' } }],
  ['metadata', { metadata: { cardSecurityCode: '1234' } }],
  ['metadata', { metadata: { note: 'cvc: 123' } }],
  ['product_name', { product_name: 'CVV 123' }],
  ['return_url', { return_url: 'https://shop.example/?cvv2=123' }],
  ['…', { cvv: '123' }],
])('finds a security code in %s: %p', (path, changes) => {
  const found = strayCardFaults(aRequest({ ...changes, card: undefined, method: 'WALLET' }));
  expect(found.map(({ path: at, code }) => [at, code])).toEqual([[path, 'card_security_code']]);
});

it.each([
  ['nothing', {}],
  ['the digits that may be shown', { metadata: { card: '401200…0026' } }],
  ['the digits that may be shown, separately', { metadata: { first6: '401200', last4: '0026' } }],
  ['a number without a card’s check digit', { metadata: { order: '4242424242424241' } }],
  [
    'a number that no scheme issues',
    { metadata: { at: '1764230400123', id: '100135250426141606' } },
  ],
  ['telephone numbers', { customer: { phone: '+49 151 12345678' } }],
  // Thirteen to 15 digits, with the right check digit by chance.
  ['long telephone numbers', { customer: { phone: '+378282246310005' } }],
  ['a member of three digits', { metadata: { seat: '123', quantity: 4 } }],
  ['a number too short to be one', { card: { number: '11' }, amount: '11.11' }],
])('finds nothing in a request with %s', (_, changes) => {
  expect(pathsOf(changes)).toEqual([]);
});

it.each([null, undefined, 7, 'text', [], { card: null }, { card: 'x' }])('accepts %p', (body) => {
  expect(strayCardFaults(body)).toEqual([]);
});
