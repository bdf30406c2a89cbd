// Faults of a request's body, as a value and as the text that it is sent as.
import fc from 'fast-check';
import type { CanaryCard } from '../../leaks/canaries.js';
import { member, ofText, textChanges, type BytesChange } from '../hostile/bytes.js';
import { at, isObject, MEMBER_CHANGES, placesIn, type Members } from '../hostile/members.js';
import { grouped, hostileValues, jsonOf, nested, oneOf, set } from '../hostile/values.js';
import type { Changes } from '../inputs.js';

type BodyChange = (body: Members, other: Members, card: CanaryCard) => unknown;
const each = (text: string, spell: (digit: string) => string) => Array.from(text, spell).join('');
/** Ways to write a card number: in groups, in a script of digits, in an encoding. */
const spellings = fc.oneof(
  fc.constantFrom<(digits: string) => string>(
    (digits) => digits,
    (digits) => each(digits, (digit) => `%3${digit}`),
    (digits) => Buffer.from(digits).toString('base64'),
    (digits) => Buffer.from(digits).toString('hex'),
    (digits) => each(digits, (digit) => `&#${digit.charCodeAt(0)};`),
  ),
  fc
    .record({
      zero: fc.constantFrom(0x30, 0x660, 0x966, 0xff10, 0x1d7d8),
      size: fc.constantFrom(1, 4),
      separator: fc.constantFrom(...'| |-|.|_|/|,|:|\u00a0|\u200b|\u2013| - '.split('|')),
    })
    .map(({ zero, size, separator }) => (digits: string) => {
      const spell = (digit: string) => String.fromCodePoint(zero + Number(digit));
      return each(grouped(digits, separator, size), (one) => (/\d/.test(one) ? spell(one) : one));
    }),
);
/** Notes with the card in them; the last one holds its number in parts. */
const notesOf = ({ number, cvv }: CanaryCard, spelled: string): Members[] => [
  { note: `card ${spelled}` },
  { [spelled.slice(0, 40)]: 'x' },
  { cvv },
  Object.fromEntries((number.match(/.{4}/g) ?? []).map((part, index) => [`p${index}`, part])),
];

export const VALUE_FAULTS: Changes<BodyChange> = {
  ...MEMBER_CHANGES,
  // The api finds the parts of a card that it has in clear, and the whole number of one that the
  // caller encrypted.
  cardElsewhere: fc
    .tuple(spellings, oneOf('product_name | metadata | customer'), fc.nat(3))
    .map(([spell, wanted, note]) => (body, _, card) => {
      const spelled = spell(card.number);
      const text = 'ccno' in body ? 'product_name' : 'reason';
      const name = isObject(body['card']) ? wanted : text;
      if (name === 'metadata') body[name] = at(notesOf(card, spelled), note);
      else if (name === 'customer') body[name] = { ...Object(body[name]), name: spelled };
      else body[name] = `paid with ${spelled}`;
    }),
  cardAsName: fc
    .tuple(
      fc.nat(),
      fc.nat(2),
      oneOf('', ' ', '-', '.', '_'),
      fc.constantFrom(1, '', {}, undefined),
    )
    .map(([place, way, separator, value]) => (body, _, { number, cvv }) => {
      const digits = grouped(number, separator);
      const names = [digits, `x${digits}`, `{"number":"${digits}","cvv":"${cvv}"}`];
      const holders = [body, ...placesIn(body).map(({ holder }) => holder)];
      set(at(holders, place) ?? body, at(names, way) ?? digits, value ?? cvv);
    }),
  manyNotes: fc.constantFrom(20, 21, 2_000).map((length) => (body) => {
    const notes = Array.from({ length }, (_, index) => [`n${index}`, 'v']);
    body['metadata'] = Object.fromEntries(notes);
  }),
};

/** A change that takes a part of another body takes it from the same one. */
export const TEXT_FAULTS: Changes<BytesChange> = {
  ...textChanges(['amount'], oneOf('"0.01" | -0 | {} | "x"')),
  anotherRoot: ofText(
    fc.oneof(oneOf('null | "text" | true | [] | {} | [BODY]'), hostileValues.map(jsonOf)),
    (text, root) => root.replace('BODY', () => text),
  ),
  rawPoison: ofText(oneOf('__proto__ | \\u005f_proto__ | constructor'), (text, name) =>
    member(text, `"${name}":{"prototype":{"a":1}}`),
  ),
  deepWithin: ofText(fc.integer({ min: 2, max: 19 }), (text, levels) =>
    member(text, `"metadata":${JSON.stringify(nested(levels, true))}`),
  ),
  oversized: ofText(fc.constantFrom(60_000, 65_536, 200_000, 1_500_000), (text, length) =>
    member(text, `"pad":"${'x'.repeat(length)}"`),
  ),
};
