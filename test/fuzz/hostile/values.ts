// Values and texts that break readers. fast-check draws from them and adds its own.
import fc from 'fast-check';
import { hostileTexts as supported } from '../../support/hostile-texts.js';

export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

const MARK = /"@@number:([^"@]+)@@"/g;
/** A number that JavaScript would write in another way: a mark stands for it until then. */
export const spelledNumber = (spelling: string): string => `@@number:${spelling}@@`;
/** The JSON of a body, with every marked number as it is spelled. */
export const jsonOf = (body: unknown): string =>
  (JSON.stringify(body) ?? '').replaceAll(MARK, '$1');
/** A text with halves of surrogate pairs replaced. */
export const wellFormed = (text: string): string => Buffer.from(text).toString();
/** A part of a body as a text. */
export const textOf = (part: unknown): string =>
  wellFormed(typeof part === 'string' ? part : jsonOf(part));
/** An object as a flat form. */
export const formOf = (body: unknown): string =>
  Object.entries(Object(body) as object)
    .map((pair) => pair.map((part) => encodeURIComponent(textOf(part))).join('='))
    .join('&');
/** Ways to write a body by media type; every other type is JSON. */
export const ENCODINGS: Readonly<Record<string, typeof formOf>> = {
  [FORM_TYPE]: formOf,
  'multipart/form-data': (body) => {
    const parts = Object.entries(Object(body) as object).map(
      ([name, part]) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${textOf(part)}`,
    );
    return `${['', ...parts].join('\r\n--b\r\n').trimStart()}\r\n--b--`;
  },
};
/** The items of a list that is written on a few lines. */
export const list = (text: string): string[] => text.trim().split(/\s+\|\s+/);
/** One of the items of a list, which may be such a text. */
export const oneOf = (...items: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...items.flatMap((item) => (item.includes(' | ') ? list(item) : item)));

const HUGE_NUMBERS = ['9'.repeat(32), `1${'0'.repeat(400)}`];
/** Numbers at every edge, as marks. */
const NUMBERS = list(`0 | -0 | -1 | 1 | 1e308 | 1e309 | -1e400 | 5e-324 | 2.5e-7 | 1E+2 | 11.11 |
  9007199254740991 | 9007199254740992 | 9007199254740993 | 0.30000000000000004 |
  18446744073709551616 | ${HUGE_NUMBERS.join(' | ')}`).map(spelledNumber);

/** Texts that some readers take for numbers. */
const NUMBER_TEXTS = [
  ...list(`0 | 0.00 | 0.001 | 1e3 | -0 | +1 | 0x10 | 1_000 | 1,000.00 | 1. | .1 | -1.00 | 1.0E7 |
    00000000000000000001.00 | 99999999.99 | 100000000.00 | 0.30000000000000004 |
    9007199254740993 | NaN | Infinity | \uff11\uff12 | \u0663`),
  ' 1 ',
  '9'.repeat(20),
  '1'.repeat(500),
];

/** Unprintable, invisible, endless, or code of another language. */
const TEXTS = [
  ...'| |\t|\u0000|\u0007|\r\nSet-Cookie: x=1|\u007f|\u0085|\ud83c|\udf88|\ufeff|\u200b'.split('|'),
  ...'\u202eevil\u202c|\u05e9\u05dc\u05d5\u05dd|\u0645\u0631\u062d\u0628\u0627|🎫'.split('|'),
  ...'\u{1f469}\u200d\u{1f467}|\u{1f3f4}\u{e0067}\u{e007f}|\u0130stanbul|ß|\ufb00|\u01c5'.split(
    '|',
  ),
  ...list(String.raw`null | undefined | true | [object Object] | ' OR 1=1 -- | \u0000 | \ | " |
    "; DROP TABLE payment_intents; -- | {{7*7}} | <script>alert(1)</script> |
    ../../etc/passwd | %00 | %s%n%x | $(id) | $where | a&b=c | x=1;y | javascript:alert(1) |
    http://user:pass@x/ | http://[::1 | data:,x | //x | HTTP://X | 4012000033330026 |
    4012 0000 3333 0026 | 2026-02-30T25:61:61Z | +275760-09-13T00:00:00Z | 0000-00-00`),
  ...`\`id\`|\u0024{7*7}|http://x/\u0000|e${'\u0301'.repeat(300)}|${'\u{1d4b3}'.repeat(300)}`.split(
    '|',
  ),
  ...[65, 201, 2_001].map((length) => 'x'.repeat(length)),
  'é'.repeat(20_000),
  ' '.repeat(5_000),
  ...supported.map(([, text]) => text),
];
/** Names that mean something to JavaScript. */
export const POISON = list(
  '__proto__ | constructor | prototype | toString | hasOwnProperty | then | toJSON | $ref',
);

/** Any UTF-16 at all, halves of surrogate pairs too. */
const unit = fc.nat(0xff_ff).map((code) => String.fromCharCode(code));
/** A text for places that hold nothing else: headers, addresses, form fields. */
export const hostileTexts = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 2, arbitrary: fc.constantFrom(...NUMBER_TEXTS, ...POISON) },
  { weight: 1, arbitrary: fc.oneof(fc.webUrl(), fc.string({ unit, maxLength: 20 })) },
);

/** A value as deep as `levels`. */
export function nested(levels: number, asObjects: boolean): unknown {
  let value: unknown = 'end';
  for (let level = 0; level < levels; level += 1) value = asObjects ? { a: value } : [value];
  return value;
}

const manyNumbers = (length: number) => Array.from({ length }, (_, at) => NUMBERS[at % 18]);
const manyMembers = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`k${at}`, 'v']));
/** Something of a wrong type, an impossible size or a spelling that some reader trips over. */
export const hostileValues: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false, [], {}, [null], [[]], { length: -1 }, { toString: 1 }),
  fc.constantFrom(...NUMBERS),
  hostileTexts,
  hostileTexts,
  fc.jsonValue(),
  fc.tuple(fc.integer({ min: 1, max: 30 }), fc.boolean()).map((deep) => nested(...deep)),
  fc.constantFrom(2, 100, 3_000).map(manyNumbers),
  fc.constant(manyMembers),
  fc.dictionary(oneOf(...POISON), fc.constantFrom(1, null, { admin: true }), { minKeys: 1 }),
);

/** Sets a member, also `__proto__`, which an assignment would not make one. */
export function set(holder: object, name: string, value: unknown): void {
  const flags = { enumerable: true, configurable: true, writable: true };
  Object.defineProperty(holder, name, { value, ...flags });
}

/** A card's number with a separator between its groups. */
export const grouped = (digits: string, separator: string, size = 4): string =>
  (digits.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join(separator);
