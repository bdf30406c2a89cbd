// Compares exact JSON with JSON.parse, with which it must agree in everything but numbers.
import fc from 'fast-check';
import { isExactJsonObject, parseExact } from './exact-json.js';

/**
 * Returns the value that JSON.parse reads, with each number as text in the spelling of
 * JSON.stringify.
 */
function numbersAsText(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown) =>
    typeof value === 'number' ? JSON.stringify(value) : value,
  );
}

function nativelyReadable(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('parseExact', () => {
  it.each<[string, unknown]>([
    ['100135250426141606', '100135250426141606'],
    ['{"transID":100135250426141606}', { transID: '100135250426141606' }],
    ['[1,-2.50,3e4,5.0E-4,1.0E+7]', ['1', '-2.50', '3e4', '5.0E-4', '1.0E+7']],
    ['{"a":"1","b":1,"c":true,"d":null}', { a: '1', b: '1', c: true, d: null }],
    [String.raw`{"a":"say \"1\" \\","b":2}`, { a: 'say "1" \\', b: '2' }],
    [String.raw`{"12":"{[3]}\\\\","\u0034":-0}`, { '12': String.raw`{[3]}\\`, '4': '-0' }],
    ['{"a":1,"a":2}', { a: '2' }],
    [' { "a" : [ 1 , { } ] } ', { a: ['1', {}] }],
    ['""', ''],
  ])('reads %s', (text, value) => {
    expect(parseExact(text)).toEqual(value);
  });

  it.each([
    '',
    ' ',
    '{',
    '}',
    '{"a":1',
    '{"a":1}}',
    '{a:1}',
    '{1:2}',
    "{'a':1}",
    '[1,]',
    '01',
    '1.',
    '.5',
    '+1',
    '1.2.3',
    '--1',
    '0x10',
    'NaN',
    'Infinity',
    'undefined',
    '"a\nb"',
    '<html>1</html>',
    '1 2',
    '\uFEFF{}',
  ])('refuses %j, as JSON.parse does', (text) => {
    expect(nativelyReadable(text)).toBe(false);
    expect(parseExact(text)).toBeUndefined();
  });

  it('agrees with JSON.parse for every value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.nat(3), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent);
        expect(parseExact(text)).toEqual(numbersAsText(text));
      }),
    );
  });

  it('reads text exactly when JSON.parse does', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '1',
      '-',
      '.',
      'e',
      ' ',
      'null',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (fragments) => {
        const text = fragments.join('');
        expect(parseExact(text) !== undefined).toBe(nativelyReadable(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('preserves every integer, however large', () => {
    fc.assert(
      fc.property(fc.bigInt(), (value) => {
        expect(parseExact(`{"transID":${value}}`)).toEqual({ transID: String(value) });
      }),
    );
  });

  it('reads a member named __proto__ as an ordinary member', () => {
    const value = parseExact('{"__proto__":{"transID":"1"}}');
    expect(value).not.toHaveProperty('transID');
  });

  it('reads 32 levels and rejects 33, in arrays and objects', () => {
    expect(parseExact('['.repeat(32) + ']'.repeat(32))).toBeDefined();
    expect(parseExact('['.repeat(33) + ']'.repeat(33))).toBeUndefined();
    expect(parseExact(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`)).toBeUndefined();
  });

  it('rejects 100,000 levels without exhausting the stack', () => {
    expect(parseExact('['.repeat(100_000) + ']'.repeat(100_000))).toBeUndefined();
  });

  it('rejects text beyond the limit and reads one long string below it', () => {
    expect(parseExact(`"${'a'.repeat(262_142)}"`)).toHaveLength(262_142);
    expect(parseExact(`"${'a'.repeat(262_143)}"`)).toBeUndefined();
    expect(parseExact(`"${String.raw`\\`.repeat(100_000)}"`)).toHaveLength(100_000);
  });
});

describe('isExactJsonObject', () => {
  it('is true for objects only', () => {
    const values = ['{}', '[]', '""', 'null', 'true', '1', '<'].map(parseExact);
    expect(values.map(isExactJsonObject)).toEqual([true, false, false, false, false, false, false]);
  });
});
