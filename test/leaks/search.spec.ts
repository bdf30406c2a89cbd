// Goal: the search for leaks finds every form of a secret. Method: each form is planted in noise,
// by encoders that are not the search's own; noise alone is clean.
import { createHash } from 'node:crypto';
import { leaksIn, needlesFor, needlesForCard } from './search.js';

const CARD = { name: 'a card', number: '4929718265301947', cvv: '731' };
const NEEDLES = needlesForCard(CARD);

/** The same noise each time. */
function noise(blocks: number, seed: string): Buffer {
  const parts = Array.from({ length: blocks }, (_, at) =>
    createHash('sha512').update(`${seed}${at}`).digest(),
  );
  return Buffer.concat(parts);
}
const found = (bytes: Buffer, needles = NEEDLES) => leaksIn([{ name: 'here', bytes }], needles);
const planted = (bytes: Buffer) => Buffer.concat([noise(40, 'a'), bytes, noise(40, 'b')]);
const query = (text: string) => new URLSearchParams({ text }).toString();

describe('a leak is found when the number is', () => {
  const { number } = CARD;
  const row = (before: string) => `${before}{"number":"${number}"}`;
  it.each<[string, string]>([
    ['plain', row('')],
    ['reversed', Array.from(number).toReversed().join('')],
    ['in groups', '4929 7182 6530 1947'],
    ['in groups with dashes', '4929-7182-6530-1947'],
    ['spaced out', Array.from(number).join(' ')],
    ['in hex', Buffer.from(row('')).toString('hex')],
    ['in capital hex', Buffer.from(row('')).toString('hex').toUpperCase()],
    ['in base64, first offset', Buffer.from(row('')).toString('base64')],
    ['in base64, second offset', Buffer.from(row('x')).toString('base64')],
    ['in base64, third offset', Buffer.from(row('xx')).toString('base64')],
    ['in base64 for URLs', Buffer.from(row('>>>')).toString('base64url')],
    ['in a query', query(row(''))],
    ['in a Buffer that was printed as JSON', JSON.stringify(Buffer.from(row('')))],
    ['in JSON within JSON', JSON.stringify(JSON.stringify(row('')))],
    ['cut short by one digit', number.slice(0, -1)],
    ['without its first digits', number.slice(5)],
  ])('%s', (_, text) => expect(found(planted(Buffer.from(text)))).not.toEqual([]));

  it('two bytes a character', () => {
    expect(found(planted(Buffer.from(row(''), 'utf16le')))).not.toEqual([]);
  });

  it('packed, or an integer', () => {
    const integer = Buffer.alloc(8);
    integer.writeBigUInt64LE(BigInt(number));
    expect(found(planted(Buffer.from(number, 'hex')))).not.toEqual([]);
    expect(found(planted(integer))).not.toEqual([]);
  });
});

it.each([
  JSON.stringify({ cvv: CARD.cvv }),
  `mop=CC&ccvv=${CARD.cvv}&month=01`,
  JSON.stringify({ body: JSON.stringify({ cvv: CARD.cvv }) }),
  Buffer.from(JSON.stringify({ cvv: CARD.cvv })).toString('base64'),
  query(JSON.stringify({ cvv: CARD.cvv })),
])('the CVV is found: %s', (text) => {
  expect(found(planted(Buffer.from(text)))).not.toEqual([]);
});

it('finds a secret that is no card in the same forms', () => {
  const needles = needlesFor('a key', 'qk_abc+/def==');
  expect(found(planted(Buffer.from('qk_abc+/def==').subarray(0)), needles)).toHaveLength(1);
  expect(found(planted(Buffer.from(query('qk_abc+/def=='))), needles)).not.toEqual([]);
});

it('finds no leak in masked numbers and in noise', () => {
  const masked = '{"brand":"visa","first6":"492971","last4":"1947","ccno":"492971XXXXXX1947"}';
  expect(found(planted(Buffer.from(masked)))).toEqual([]);
  expect(found(noise(20_000, 'c'))).toEqual([]);
});
