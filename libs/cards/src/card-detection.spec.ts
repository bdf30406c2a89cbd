// Goal: a card number is found in every reversible spelling, and other numbers are not. Method:
// tables, and a property over numbers, separators, scripts and encodings.
import fc from 'fast-check';
import { looksLikeCard } from './card-detection.js';
import { passesLuhn } from './card.js';

const NUMBER = '4012000033330026';
const fours = NUMBER.match(/.{4}/g) ?? [];

it.each([
  NUMBER,
  `paid with ${NUMBER}, seen`,
  ...[
    ' ',
    '-',
    '.',
    '_',
    '/',
    ',',
    ';',
    '|',
    ':',
    '\\',
    '+',
    '*',
    '·',
    '•',
    '—',
    '\u00a0',
    '\u200b',
    '\u2060',
    '\t',
    '→',
    ' - ',
    '',
    '️⃣',
  ].map((separator) => fours.join(separator)),
  Array.from(NUMBER).join(' '),
  Array.from(NUMBER).join('\u200d'),
  Array.from(NUMBER).join('\ufe0f\u20e3'),
  '４０１２００００３３３３００２６',
  '٤٠١٢٠٠٠٠٣٣٣٣٠٠٢٦',
  '४०१२००००३३३३००२६',
  '𝟜𝟘𝟙𝟚𝟘𝟘𝟘𝟘𝟛𝟛𝟛𝟛𝟘𝟘𝟚𝟞',
  '④⓪①②⓪⓪⓪⓪③③③③⓪⓪②⑥',
  '⁴⁰¹²⁰⁰⁰⁰³³³³⁰⁰²⁶',
  '四〇一二〇〇〇〇三三三三〇〇二六',
  '%34%30%31%32%30%30%30%30%33%33%33%33%30%30%32%36',
  '%2534012000033330026',
  '4012%200000%203333%200026',
  '4012%2D0000%2d3333%2D0026',
  '&#52;&#48;&#49;&#50;&#48;&#48;&#48;&#48;&#51;&#51;&#51;&#51;&#48;&#48;&#50;&#54;',
  '&#x34;012000033330026',
  '\\u0034012000033330026',
  '\\x34012000033330026',
  Buffer.from(NUMBER).toString('base64'),
  Buffer.from(` ${NUMBER}`).toString('base64url'),
  Buffer.from(JSON.stringify({ card: NUMBER })).toString('base64'),
  `note-${Buffer.from(NUMBER).toString('base64url')}`,
  Buffer.from(NUMBER, 'utf16le').toString('base64'),
  Buffer.from(NUMBER).toString('hex'),
  Buffer.from(`x${NUMBER}`).toString('hex').toUpperCase(),
  encodeURIComponent(Buffer.from(NUMBER).toString('base64')),
  '378282246310005',
  '3782 822463 10005',
  '30569309025904',
  '5555555555554444',
  '6011111111111117',
  '2221000000000009',
  // The gateway accepts its test cards even where they fail the Luhn check.
  '5111111111111111',
  'on 2026-11-21: 4242424242424242',
])('finds a card number in %p', (text) => expect(looksLikeCard(text)).toBe(true));

it.each([
  '',
  'Two tickets',
  'transID 100135250426141606, code 1',
  'ticket 4711, 2026-11-21 10:31:07, +65 62294466',
  '4012000033330027',
  'IBAN DE89 3704 0044 0532 0130 00',
  'EAN 4006381333931',
  '+49 151 12345678',
  '1764230400123',
  '0190f7a4-6f2e-7c1a-9d52-3f0b7e4a9c11',
  'https://shop.example/return?order=ORD-1001&session=cs_test_a1B2c3D4e5F6g7H8i9J0',
  'eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9',
  '2026-11-27T10:30:45.123Z',
  '401200…0026',
  '4012 and 0000 and 3333 and 0026',
])('finds no card number in %p', (text) => expect(looksLikeCard(text)).toBe(false));

it('finds a number in any grouping, script and encoding, and ignores one with a wrong digit', () => {
  const digit = fc.nat(9);
  const number = fc.array(digit, { minLength: 14, maxLength: 14 }).map((digits) => {
    const start = `4${digits.join('')}`;
    return [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((last) => `${start}${last}`).find(passesLuhn) ?? '';
  });
  const separator = fc.constantFrom(
    '',
    ' ',
    '-',
    '\u200b',
    ' . ',
    '\u2013',
    '\ufe0f\u20e3',
    '(',
    '=',
  );
  const script = fc.constantFrom(0x30, 0x660, 0x966, 0xff10, 0x1d7d8, 0x1fbf0);
  const encoding = fc.constantFrom(
    (text: string) => text,
    (text: string) => encodeURIComponent(text),
    (text: string) => Buffer.from(text).toString('hex'),
    (text: string) => `x${Buffer.from(text).toString('base64')}`,
  );
  fc.assert(
    fc.property(
      number,
      separator,
      script,
      encoding,
      fc.nat(15),
      (card, between, zero, encode, at) => {
        const spelt = (text: string) =>
          Array.from(text, (one) => String.fromCodePoint(zero + Number(one))).join(between);
        // The detection reads only ASCII in base64 and hex.
        const isText = encode('a') === 'a';
        const written = zero === 0x30 || isText ? spelt(card) : card;
        expect(looksLikeCard(encode(written))).toBe(true);
        const mistyped = `${card.slice(0, at)}${(Number(card[at]) + 1) % 10}${card.slice(at + 1)}`;
        expect(looksLikeCard(mistyped)).toBe(false);
      },
    ),
  );
});

it('takes time proportional to the length of the text', () => {
  for (const text of [
    '1 '.repeat(30_000),
    'ab'.repeat(30_000),
    '%31'.repeat(20_000),
    '٤'.repeat(60_000),
  ])
    expect(looksLikeCard(text)).toBe(false);
});
