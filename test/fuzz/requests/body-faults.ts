// Faults of a body, as a value and as the text that it is sent as.
import fc from 'fast-check';
import type { RunCard } from '../oracles/secrets.js';
import { member, ofText, textChanges } from '../hostile/bytes.js';
import { groupings, hostileTexts, hostileValues, nested } from '../hostile/values.js';
import { oneOf, POISON, set } from '../hostile/values.js';
import { fault, nothing, type Faults } from './draft.js';

type Members = Record<string, unknown>;
type Place = { readonly holder: Members; readonly name: string };
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** An item of a list, for a number that was drawn without knowing its length. */
const at = <T>(items: readonly T[], drawn: number): T | undefined => items[drawn % items.length];

/** Every member of every object within `value`. */
const placesIn = (value: unknown): Place[] =>
  Object.entries(isObject(value) ? value : {}).flatMap(([name, inner]) => [
    { holder: value as Members, name },
    ...placesIn(inner),
  ]);

/** A fault at any place of the body, with a value that is drawn for it. */
const atPlace = <T>(
  values: fc.Arbitrary<T>,
  change: (place: Place, value: T, body: Members) => void,
) =>
  fault(fc.tuple(fc.nat(), values), ({ body }, [drawn, value]) => {
    const place = at(placesIn(body), drawn);
    if (place) change(place, value, body as Members);
  });
/** A fault that replaces the value at any place. */
const replaced = <T>(
  values: fc.Arbitrary<T>,
  valueOf: (old: unknown, value: T, place: Place) => unknown,
) =>
  atPlace(values, (place, value) =>
    set(place.holder, place.name, valueOf(place.holder[place.name], value, place)),
  );
/** A fault of a body that is an object. */
const ofObject = <T>(
  drawn: fc.Arbitrary<T>,
  change: (body: Members, value: T, card: RunCard) => void,
) =>
  fault(drawn, ({ body, card }, value) => {
    if (isObject(body)) change(body, value, card);
  });

const SCRIPTS = [0x30, 0x660, 0x966, 0xff10, 0x1d7d8];
const SEPARATORS = ['', ...' |-|.|_|/|,|:|\u00a0|\u200b|\u2013| - '.split('|')];
const each = (text: string, spell: (digit: string) => string) => Array.from(text, spell).join('');
/** Ways to write a card number: in groups, in a script of digits, in an encoding. */
const numberSpellings = fc.oneof(
  fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => each(text, (digit) => `%3${digit}`),
    (text) => Buffer.from(text).toString('base64'),
    (text) => Buffer.from(text).toString('hex'),
    (text) => each(text, (digit) => `&#${digit.charCodeAt(0)};`),
  ),
  fc
    .tuple(fc.constantFrom(...SCRIPTS), fc.constantFrom(1, 4), fc.constantFrom(...SEPARATORS))
    .map(([zero, size, separator]) => (text: string) => {
      const groups = text.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
      const spell = (digit: string) => String.fromCodePoint(zero + Number(digit));
      return groups.map((group) => each(group, spell)).join(separator);
    }),
);
/** Notes with the card in them; the last one holds its number in parts. */
const notesOf = ({ number, cvv }: RunCard, spelled: string): Members[] => [
  { note: `card ${spelled}` },
  { [spelled.slice(0, 40)]: 'x' },
  { cvv },
  Object.fromEntries((number.match(/.{1,4}/g) ?? []).map((part, index) => [`p${index}`, part])),
];

/** They change `draft.body`. */
export const VALUE_FAULTS: Faults = {
  null: replaced(nothing, () => null),
  missing: atPlace(nothing, ({ holder, name }) => delete holder[name]),
  hostileValue: replaced(hostileValues, (_, value) => value),
  wrapped: replaced(fc.nat(2), (value, way, { name }) =>
    at<unknown>([[value], { value }, { [name]: value }], way),
  ),
  retyped: replaced(nothing, (old) => (typeof old === 'string' ? Number(old) : String(old))),
  swapped: atPlace(fc.nat(), ({ holder, name }, drawn, body) =>
    set(holder, name, structuredClone(at(Object.values(body), drawn))),
  ),
  unknownField: atPlace(hostileValues, ({ holder }, value) => set(holder, 'x1', value)),
  poisonedField: atPlace(
    fc.tuple(oneOf(...POISON), fc.constantFrom(1, null, 'x', { status: 'succeeded' })),
    ({ holder }, poison) => set(holder, ...poison),
  ),
  hostileName: atPlace(fc.oneof(nothing, hostileTexts), ({ holder, name }, text = `${name} `) =>
    set(holder, text.slice(0, 3_000), holder[name]),
  ),
  // The api finds the parts of a card that it has in clear, and the whole number of one that the
  // caller encrypted.
  cardElsewhere: ofObject(
    fc.tuple(numberSpellings, oneOf('product_name | metadata | customer'), fc.nat(3)),
    (body, [spell, wanted, note], card) => {
      const spelled = spell(card.number);
      const name = isObject(body['card']) ? wanted : 'reason';
      if (name === 'metadata') body[name] = at(notesOf(card, spelled), note);
      else if (name === 'customer') body[name] = { ...Object(body[name]), name: spelled };
      else body[name] = `paid with ${spelled}`;
    },
  ),
  cardAsName: ofObject(
    fc.tuple(fc.nat(), fc.nat(2), groupings, fc.constantFrom<unknown>(1, '', {}, undefined)),
    (body, [place, way, grouped, value], { number, cvv }) => {
      const digits = grouped(number);
      const names = [digits, `x${digits}`, `{"number":"${digits}","cvv":"${cvv}"}`];
      const holders = [body, ...placesIn(body).map(({ holder }) => holder)];
      set(at(holders, place) ?? body, at(names, way) ?? digits, value ?? cvv);
    },
  ),
  manyNotes: ofObject(fc.constantFrom(20, 21, 2_000), (body, length) => {
    const notes = Array.from({ length }, (_, index) => [`n${index}`, 'v']);
    body['metadata'] = Object.fromEntries(notes);
  }),
  anotherRoot: fault(
    fc.oneof(fc.constantFrom<unknown>(null, 'text', true, [], {}, undefined), hostileValues),
    (draft, root) => (draft.body = root === undefined ? [draft.body] : root),
  ),
};

const BODY_CHANGES = {
  ...textChanges(['amount'], oneOf('"0.01" | -0 | {} | "x"')),
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

/** They change `draft.bytes`; what takes a part of another body takes it of the same one. */
export const TEXT_FAULTS: Faults = Object.fromEntries(
  Object.entries(BODY_CHANGES).map(([name, changes]) => [
    name,
    fault(changes, (draft, change) => (draft.bytes = change(draft.bytes, draft.bytes))),
  ]),
);
