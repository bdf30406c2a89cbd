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
  ['reference', { reference: `ORD-${NUMBER}` }],
  ['product_name', { product_name: 'Paid with 4012 0000-3333.0026' }],
  ['product_name', { product_name: 'Paid with ４０１２００００３３３３００２６' }],
  ['…', { [NUMBER]: 'x' }],
  ['…', { [`a ${NUMBER}`]: NUMBER }],
  ['customer', { customer: { name: NUMBER } }],
  ['return_url', { return_url: `https://shop.example/?c=${NUMBER}` }],
])('finds the card’s number in %s: %p', (path, changes) => {
  expect(pathsOf(changes)).toEqual([path]);
});

it.each([
  ['nothing', {}],
  ['another number', { metadata: { order: '4242424242424242' } }],
  ['what may be shown of it', { metadata: { card: '401200…0026' } }],
  [
    'two fields that would make it together',
    { reference: `ORD-${NUMBER.slice(0, 8)}`, metadata: { [NUMBER.slice(8)]: 'x' } },
  ],
  ['no card', { card: undefined, metadata: { note: NUMBER } }],
  ['a number too short to be one', { card: { number: '11' }, amount: '11.11' }],
])('finds nothing in a request with %s', (_, changes) => {
  expect(pathsOf(changes)).toEqual([]);
});

it.each([null, undefined, 7, 'text', [], { card: null }, { card: 'x' }])('takes %p', (body) => {
  expect(strayCardFaults(body)).toEqual([]);
});
