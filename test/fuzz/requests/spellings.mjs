// Numbers and texts that break readers. A number that JavaScript would write otherwise than it is meant stands as a mark and gets its
// spelling when the body is written.

const MARK = /"@@number:([^"@]+)@@"/g;
const number = (spelling) => `@@number:${spelling}@@`;

/** The JSON of a body, with every marked number as it is meant. */
export function jsonOf(body) {
  return JSON.stringify(body).replaceAll(MARK, '$1');
}

/** Numbers at every edge, as marks. */
export const NUMBERS = [
  ['0', '-0', '-1', '1', '1e308', '1e309', '-1e400', '5e-324', '2.5e-7', '1E+2'],
  ['9007199254740991', '9007199254740992', '9007199254740993', '0.30000000000000004', '11.11'],
  ['18446744073709551616', '9'.repeat(32), `1${'0'.repeat(400)}`],
]
  .flat()
  .map(number);

/** Texts that are numbers to some. */
export const NUMBER_TEXTS = [
  [
    '1e3',
    '-0',
    '+1',
    '0x10',
    '1_000',
    '1,000.00',
    '1.',
    '.1',
    ' 1 ',
    '\uff11\uff12',
    '\u0663',
    'NaN',
    'Infinity',
  ],
  ['0', '0.00', '0.001', '00000000000000000001.00', '99999999.99', '100000000.00', '-1.00'],
  ['9'.repeat(20), '0.30000000000000004', '9007199254740993', '1.0E7', '1'.repeat(500)],
].flat();

/** Unprintable, invisible, endless, or something to another language. */
export const TEXTS = [
  [
    '',
    ' ',
    '\t',
    '\u0000',
    'a\u0000b',
    '\u0007',
    '\u001b[31m',
    '\r\nSet-Cookie: x=1',
    '\u007f',
    '\u0085',
  ],
  [
    '\ud83c',
    '\udf88',
    'a\ud800b',
    '\udc00\ud800',
    '\uffff',
    '\ufeff',
    '\u2028',
    '\u2029',
    '\u200b',
    '\u{10ffff}',
  ],
  [
    '\u202eevil\u202c',
    '\u05e9\u05dc\u05d5\u05dd',
    '\u0645\u0631\u062d\u0628\u0627',
    '🎫',
    '\u{1f469}\u200d\u{1f467}',
  ],
  [
    '\u{1f3f4}\u{e0067}\u{e007f}',
    `e${'\u0301'.repeat(300)}`,
    '\u0130stanbul',
    'ß',
    '\ufb00',
    '\u01c5',
    '\u{1d4b3}'.repeat(300),
  ],
  [
    'null',
    'undefined',
    'true',
    '[object Object]',
    `' OR 1=1 --`,
    `"; DROP TABLE payment_intents; --`,
  ],
  [
    '\u0024{7*7}',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '../../etc/passwd',
    '%00',
    '%s%n%x',
    '\\u0000',
    '\\',
    '"',
  ],
  [
    '`id`',
    '$(id)',
    '$where',
    'a&b=c',
    'x=1;y',
    'javascript:alert(1)',
    'http://user:pass@x/',
    'http://[::1',
  ],
  [
    'http://x/\u0000',
    'data:,x',
    '//x',
    'HTTP://X',
    'x'.repeat(65),
    'x'.repeat(201),
    'x'.repeat(2_001),
  ],
  [
    'x'.repeat(10_000),
    'é'.repeat(20_000),
    ' '.repeat(5_000),
    '4012000033330026',
    '4012 0000 3333 0026',
  ],
  ['2026-02-30T25:61:61Z', '+275760-09-13T00:00:00Z', '0000-00-00'],
].flat();

/** Names that mean something to JavaScript. */
export const POISON = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
  'toJSON',
  '$ref',
];

/** A card number in groups of four. */
export const groupsOf = (digits, random) =>
  digits.match(/.{4}/g).join(random.pick([' ', '-', '.', '_']));
