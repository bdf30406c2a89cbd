import fc from 'fast-check';
import { jsonFault } from './json-fault.js';

describe('the place of a fault in JSON', () => {
  it.each<[string, string, number, number]>([
    ['an empty text', '', 1, 1],
    ['a half', '{"a":', 1, 6],
    ['a comma at the end of an object', '{\n  "a": 1,\n}', 3, 1],
    ['a comma at the end of a list', '[1,]', 1, 4],
    ['a missing comma', '{"a":1 "b":2}', 1, 8],
    ['a missing colon', '{"a" 1}', 1, 6],
    ['a name without quotes', '{a:1}', 1, 2],
    ['a text in single quotes', '{"a":\r\n\'x\'}', 2, 1],
    ['a text without an end', '{"a":"x}', 1, 6],
    ['an unknown escape', String.raw`["\x"]`, 1, 2],
    ['a line break in a text', '["a\nb"]', 1, 2],
    ['a number with a leading zero', '[01]', 1, 3],
    ['an unknown word', '[nil]', 1, 2],
    ['a second value', '{} {}', 1, 4],
    ['a wrong bracket', '[1}', 1, 3],
    ['a comment', '{"a":1} // x', 1, 9],
  ])('is found: %s', (_, text, line, column) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    expect(jsonFault(text)).toEqual({ line, column });
  });

  it('is found exactly where JSON.parse finds one', () => {
    const parses = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const tokens = fc.constantFrom(
      ...'{}[],:0123456789.-+eE \n\t'.split(''),
      '"a"',
      'true',
      'null',
      '"',
      '\\',
    );
    const texts = fc.array(tokens, { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        expect(jsonFault(text) === undefined).toBe(parses(text));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, cut) => {
        expect(jsonFault(text)).toBeUndefined();
        const half = text.slice(0, cut % text.length);
        expect(jsonFault(half) === undefined).toBe(parses(half));
      }),
    );
  });
});
