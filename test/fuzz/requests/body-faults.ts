// Faults of a body, as a value and as the text that it is sent as.
import fc from 'fast-check';
import type { RunCard } from '../oracles/secrets.js';
import type { Draft, Fault, Faults } from './draft.js';
import { flipped, groupings, hostileTexts, hostileValues, nested, noise } from './hostile.js';
import { oneOf, POISON, set } from './hostile.js';

type Members = Record<string, unknown>;
type Place = { readonly holder: Members; readonly name: string };
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** An item of a list, for a number that was drawn without knowing its length. */
const at = <T>(items: readonly T[], drawn: number): T | undefined => items[drawn % items.length];

/** Every member of every object within `value`. */
const placesIn = (value: unknown): Place[] =>
  Object.entries(isObject(value) ? value : {}).flatMap(([name, member]) => [
    { holder: value as Members, name },
    ...placesIn(member),
  ]);

/** A fault at any place of the body, with a value that is drawn for it. */
const atPlace = <T>(
  values: fc.Arbitrary<T>,
  change: (place: Place, value: T, body: Members) => void,
) =>
  fc.tuple(fc.nat(), values).map(([drawn, value]): Fault => ({ body }) => {
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
const ofObject =
  (change: (body: Members, draft: Draft) => void): Fault =>
  (draft) => {
    if (isObject(draft.body)) change(draft.body, draft);
  };
const nothing = fc.constant(undefined);

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
  cardElsewhere: fc
    .tuple(numberSpellings, oneOf('product_name | metadata | customer'), fc.nat(3))
    .map(([spell, wanted, note]) =>
      ofObject((body, { card }) => {
        const spelled = spell(card.number);
        const name = isObject(body['card']) ? wanted : 'reason';
        if (name === 'metadata') body[name] = at(notesOf(card, spelled), note);
        else if (name === 'customer') body[name] = { ...Object(body[name]), name: spelled };
        else body[name] = `paid with ${spelled}`;
      }),
    ),
  cardAsName: fc
    .tuple(fc.nat(), fc.nat(2), groupings, fc.constantFrom<unknown>(1, '', {}, undefined))
    .map(([place, way, grouped, value]) =>
      ofObject((body, { card: { number, cvv } }) => {
        const digits = grouped(number);
        const names = [digits, `x${digits}`, `{"number":"${digits}","cvv":"${cvv}"}`];
        const holders = [body, ...placesIn(body).map(({ holder }) => holder)];
        set(at(holders, place) ?? body, at(names, way) ?? digits, value ?? cvv);
      }),
    ),
  manyNotes: fc.constantFrom(20, 21, 2_000).map((length) =>
    ofObject((body) => {
      const notes = Array.from({ length }, (_, index) => [`n${index}`, 'v']);
      body['metadata'] = Object.fromEntries(notes);
    }),
  ),
  anotherRoot: fc
    .oneof(fc.constantFrom<unknown>(null, 'text', true, [], {}, undefined), hostileValues)
    .map((root) => (draft) => (draft.body = root === undefined ? [draft.body] : root)),
};

/** A fault of the body's text, with something that is drawn for it. */
const ofText = <T>(drawn: fc.Arbitrary<T>, change: (text: string, value: T) => string | Buffer) =>
  drawn.map(
    (value): Fault =>
      (draft) =>
        (draft.bytes = Buffer.from(change(draft.bytes.toString(), value))),
  );
const ofBytes = <T>(drawn: fc.Arbitrary<T>, change: (bytes: Buffer, value: T) => Buffer) =>
  drawn.map(
    (value): Fault =>
      (draft) =>
        (draft.bytes = change(draft.bytes, value)),
  );
/** Puts a member before all others. */
const member = (text: string, json: string) => text.replace('{', () => `{${json},`);
const inFirstText = (text: string, start: string) => text.replace('":"', () => `":"${start}`);
const TAILS = ['}', ',', '\u0000', '//x', '[]', ' \n', undefined];

/** They change `draft.bytes`. */
export const TEXT_FAULTS: Faults = {
  duplicateName: ofText(
    fc.tuple(fc.nat(), oneOf('"0.01" | -0 | {} | "x"'), fc.boolean()),
    (text, [drawn, twin, isFirst]) => {
      const names = [...text.matchAll(/"([a-z_]+)":/g)].map(([, name]) => name);
      const json = `"${at(names, drawn) ?? 'amount'}":${twin}`;
      return isFirst ? member(text, json) : text.replace(/\}$/, () => `,${json}}`);
    },
  ),
  rawPoison: ofText(oneOf('__proto__ | \\u005f_proto__ | constructor'), (text, name) =>
    member(text, `"${name}":{"prototype":{"a":1}}`),
  ),
  truncated: ofText(fc.nat(), (text, drawn) => text.slice(0, drawn % Math.max(1, text.length))),
  trailing: ofText(fc.constantFrom(...TAILS), (text, tail = text) => text + tail),
  deep: ofText(
    fc.tuple(fc.constantFrom(20, 21, 500, 5_000, 30_000), fc.boolean(), fc.boolean(), fc.boolean()),
    (text, [levels, asObjects, isClosed, isWhole]) => {
      const [open, close] = asObjects ? ['{"a":', '}'] : ['[', ']'];
      const deep = `${open.repeat(levels)}1${isClosed ? close.repeat(levels) : ''}`;
      return isWhole ? deep : member(text, `"deep":${deep}`);
    },
  ),
  deepWithin: ofText(fc.integer({ min: 2, max: 19 }), (text, levels) =>
    member(text, `"metadata":${JSON.stringify(nested(levels, true))}`),
  ),
  oversized: ofText(fc.constantFrom(60_000, 65_536, 200_000, 1_500_000), (text, length) =>
    member(text, `"pad":"${'x'.repeat(length)}"`),
  ),
  halfSurrogate: ofText(oneOf('\\ud83c | \\udc00\\ud800 | \\u0000 | \\ud83c\\u0041'), inFirstText),
  badEscape: ofText(oneOf('\\x', '\\u12', '\\u{1}', '\t', '\n'), inFirstText),
  notJson: ofText(
    oneOf('', ' ', '\ufeff{}', `null | NaN | 'a' | <a/> | a=1&b=2 | {a:1} | [ | " | 1e`),
    (_, text) => text,
  ),
  flippedBit: ofBytes(fc.nat(), flipped),
  noise: ofBytes(noise(400), (_, bytes) => bytes),
  otherEncoding: ofText(fc.nat(4), (text, way) => {
    const encoded = [Buffer.from(text, 'utf16le'), Buffer.from(`\ufeff${text}`, 'utf16le')];
    const latin1 = [text.replace('Two', 'Tw\u00f6'), text.replace('"EUR"', '"\u00c0\u0080"')];
    const texts = latin1.map((one) => Buffer.from(one, 'latin1'));
    return at([...encoded, ...texts, Buffer.from(`\ufeff${text}`)], way) ?? text;
  }),
};
