// The forms of the gateway's text that may be stored.
import fc from 'fast-check';
import {
  httpUrl,
  identifierText,
  maskedCardText,
  printableText,
  sentenceText,
  terminalNumberText,
} from './wire-text.js';

describe('printableText', () => {
  it.each([
    ['a null character', 'a\0b', 'a b'],
    ['a line break', 'a\r\nb', 'a  b'],
    ['an escape sequence', '\u001B[31mred', '[31mred'],
    ['a direction override', 'a\u202Eb', 'a b'],
    ['half a surrogate pair', 'a\uD800b', 'a b'],
    ['blanks around', '  a  ', 'a'],
    ['clean text', 'Zoë 王小明 🚀', 'Zoë 王小明 🚀'],
  ])('cleans %s', (_what, text, clean) => {
    expect(printableText(text)).toBe(clean);
  });

  it('is never longer than 500 characters and always well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
        const clean = printableText(text);
        expect(clean.length).toBeLessThanOrEqual(500);
        expect(Buffer.from(clean, 'utf8').toString('utf8')).toBe(clean);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      }),
    );
  });
});

describe('sentenceText', () => {
  it.each(['4111111111111111', '4111 1111 1111 1111', '4111-1111-1111-1111', '30000000000000'])(
    'hides %s',
    (number) => {
      expect(sentenceText(`Internal Server Error: For input string: "${number}"`)).toBe(
        'Internal Server Error: For input string: "[digits]"',
      );
    },
  );

  it('hides a number that the cut would have shortened', () => {
    expect(sentenceText(`${'x'.repeat(490)}4111111111111111`)).not.toMatch(/\d/);
  });

  it.each(['Payment is pending', 'Error 5012 at 2025-04-26 14:16:06', 'Amount 11.11'])(
    'leaves %j alone',
    (text) => {
      expect(sentenceText(text)).toBe(text);
    },
  );
});

describe('maskedCardText', () => {
  it.each(['411111XXXXXX1111', '4111****1111', '1111', '543889XXXXXX0229'])(
    'accepts %s',
    (text) => {
      expect(maskedCardText(text)).toBe(text);
    },
  );

  it.each(['4111111111111111', 'Invalid Card', '', '41111111X1111', '4111 **** 1111', '11111'])(
    'drops %j',
    (text) => {
      expect(maskedCardText(text)).toBeUndefined();
    },
  );
});

describe('identifierText', () => {
  it.each([
    ['ORD-1', 'ORD-1'],
    [' ORD-1  ', 'ORD-1'],
    // They look like one of our references but compare as another text.
    ['ORD-1\u00A0', 'ORD-1\u00A0'],
    ['\u041ERD-1', '\u041ERD-1'],
    ['ORD-1\u200B', undefined],
    ['ORD-1\uFEFF', undefined],
    ['ORD\u0000-1', undefined],
    ['\tORD-1', undefined],
    ['ORD-1\uD800', undefined],
    ['   ', undefined],
  ])('converts %j to %j', (text, identifier) => {
    expect(identifierText(text)).toBe(identifier);
  });
});

describe('terminalNumberText', () => {
  it.each([
    ['42', '42'],
    ['0042', '42'],
    ['42.0', undefined],
    ['-42', undefined],
    ['\u0664\u0662', undefined],
    ['4 2', undefined],
    ['', undefined],
  ])('converts %j to %j', (text, number) => {
    expect(terminalNumberText(text)).toBe(number);
  });
});

describe('httpUrl', () => {
  it.each([
    'http://localhost:9003/api/authurl/38FACFT0nigxaW_OyOojZoxYGlxqDzUCz_TJFL_M1nk=',
    'https://gateway.example/api/authurl/100135250426141606',
  ])('keeps %s verbatim', (url) => {
    expect(httpUrl(url)).toBe(url);
  });

  it.each([
    [
      'https://gateway.example/оплата',
      'https://gateway.example/%D0%BE%D0%BF%D0%BB%D0%B0%D1%82%D0%B0',
    ],
    ['https://Gateway.Example?a="b"', 'https://gateway.example/?a=%22b%22'],
  ])('normalizes %s as a browser does', (url, asked) => {
    expect(httpUrl(url)).toBe(asked);
  });

  it('is always ASCII', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const url = httpUrl(`https://gateway.example/${text}`);
        if (url !== undefined) expect(url).toMatch(/^[!-~]{1,2048}$/);
      }),
    );
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://gateway.example/',
    '/api/authurl/1',
    'not a url',
    ' https://gateway.example/',
    'https://gateway.example/\u0000a',
    'https://gateway.example/\uD800',
    'https://gateway.example/a\r\nset-cookie: x',
    'https://gateway.example/a b',
    'https://gate\u200Bway.example/',
    '',
    `https://gateway.example/${'a'.repeat(2048)}`,
    `https://gateway.example/${'ü'.repeat(500)}`,
  ])('drops %j', (url) => {
    expect(httpUrl(url)).toBeUndefined();
  });

  it('reads an address with other letters than ASCII however often it is read', () => {
    // The optimizing compiler takes over after some thousand calls.
    const read = Array.from({ length: 50_000 }, () => httpUrl('https://münchen.example/ü'));
    expect(new Set(read)).toEqual(new Set(['https://xn--mnchen-3ya.example/%C3%BC']));
  });
});
