import fc from 'fast-check';
import { BadEscape, readDecryptedQuery } from './decrypted-query.js';

const read = (text: string): Record<string, string> => Object.fromEntries(readDecryptedQuery(text));

describe('readDecryptedQuery', () => {
  it.each<[string, string, Record<string, string>]>([
    [
      'a leading ampersand',
      '&bill_amt=11.00&fullname=dev+tech',
      { bill_amt: '11.00', fullname: 'dev tech' },
    ],
    ['a trailing ampersand', 'a=1&', { a: '1' }],
    ['empty pieces', 'a=1&&&b=2', { a: '1', b: '2' }],
    ['an empty value, which vanishes', 'a=&b=2', { b: '2' }],
    ['an empty key, which vanishes', '=1&b=2', { b: '2' }],
    ['a pair without =', 'a&b=2', { b: '2' }],
    ['further = in a value', 'key=YWI==&b=2', { key: 'YWI==', b: '2' }],
    ['a repeated name: the last wins', 'a=1&a=2', { a: '2' }],
    ['an escaped plus', 'phone=%2B65', { phone: '+65' }],
    ['a raw plus, which becomes a space', 'phone=+65', { phone: ' 65' }],
    ['spaces, which stay', 'a= 1 ', { a: ' 1 ' }],
    ['UTF-8', 'n=Zo%C3%AB+%E7%8E%8B', { n: 'Zoë 王' }],
    ['bytes that are not UTF-8', 'n=%FFx', { n: '\uFFFDx' }],
  ])('reads %s', (_case, text, parameters) => {
    expect(read(text)).toEqual(parameters);
  });

  it.each(['a=%', 'a=%4', 'a=%zz', 'a=100%&b=1'])('rejects the escape in %j', (text) => {
    expect(() => read(text)).toThrow(BadEscape);
  });

  it('reads back any form-encoded fields', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })),
        (values) => {
          expect(readDecryptedQuery(new URLSearchParams(values).toString())).toEqual(
            new Map(Object.entries(values)),
          );
        },
      ),
    );
  });
});
