// Query strings in both spellings: form-encoded as in requests, raw as in decrypted callbacks.
import fc from 'fast-check';
import { decodeQueryString, encodeQueryString } from './query-string.js';

const name = fc.string({ unit: 'grapheme', minLength: 1 });
const value = fc.string({ unit: 'grapheme' });

describe('encodeQueryString', () => {
  it.each([
    ['a space', ' ', '+'],
    ['a plus', '+', '%2B'],
    ['an ampersand', '&', '%26'],
    ['an equals sign', '=', '%3D'],
    ['a slash', '/', '%2F'],
    ['a percent sign', '%', '%25'],
    ['an accent', 'é', '%C3%A9'],
    ['an emoji', '🚀', '%F0%9F%9A%80'],
  ])('writes %s', (_what, text, encoded) => {
    expect(encodeQueryString([['k', text]])).toBe(`k=${encoded}`);
  });

  it('survives a round trip for any names and values', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (pairs) => {
        expect([...decodeQueryString(encodeQueryString(pairs), 'form')]).toEqual(pairs);
      }),
    );
  });
});

describe('decodeQueryString', () => {
  it.each<[string, string, [string, string][]]>([
    ['nothing', '', []],
    [
      'empty parts',
      '&&a=1&&b=2&',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a part without =', 'a&b=2', [['b', '2']]],
    ['a part without a name', '=1&b=2', [['b', '2']]],
    [
      'an empty value',
      'a=&b=2',
      [
        ['a', ''],
        ['b', '2'],
      ],
    ],
    ['further equals signs', 'k=a=b==', [['k', 'a=b==']]],
    ['a duplicate, of which the last wins', 'a=1&a=2', [['a', '2']]],
    ['a raw space', 'status=Test Approved', [['status', 'Test Approved']]],
    ['a lone percent sign', 'a=100%', [['a', '100%']]],
    ['an invalid escape', 'a=%zz', [['a', '%zz']]],
    ['an escape that is not UTF-8', 'a=%ff%fe', [['a', '%ff%fe']]],
    ['valid escapes beside invalid ones', 'a=%C3%A9 %ff', [['a', 'é %ff']]],
  ])('reads %s in both spellings', (_what, text, pairs) => {
    expect([...decodeQueryString(text, 'form')]).toEqual(pairs);
    expect([...decodeQueryString(text, 'raw')]).toEqual(pairs);
  });

  it('reads a plus as a space only in form spelling', () => {
    expect(decodeQueryString('a=1+1', 'form').get('a')).toBe('1 1');
    expect(decodeQueryString('a=1+1', 'raw').get('a')).toBe('1+1');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('form', 'raw'),
        (text, spelling) => {
          expect(decodeQueryString(text, spelling)).toBeInstanceOf(Map);
        },
      ),
    );
  });
});
