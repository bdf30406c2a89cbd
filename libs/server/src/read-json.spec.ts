import fc from 'fast-check';
import { nestsDeeperThan, readJson } from './read-json.js';

/** The depth computed from the value itself. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('the depth of a JSON text', () => {
  it.each([
    ['[[1]]', 2],
    ['{"a":{"b":[]}}', 3],
    [String.raw`"[[[\"[["`, 0],
    ['[1],[2]', 1],
  ])('%s is %i', (text, depth) => {
    expect(nestsDeeperThan(text, depth)).toBe(false);
    if (depth > 0) expect(nestsDeeperThan(text, depth - 1)).toBe(true);
  });

  it('is that of the value, whatever its strings contain', () => {
    const texts = fc.string({ unit: fc.constantFrom('[', '{', ']', '}', '"', '\\', 'x') });
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        texts,
        fc.array(tie('value')),
        fc.dictionary(texts, tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(values, fc.boolean(), (value, isSpaced) => {
        const text = JSON.stringify(value, null, isSpaced ? 2 : undefined);
        const depth = depthOf(value);
        expect(nestsDeeperThan(text, depth)).toBe(false);
        if (depth > 0) expect(nestsDeeperThan(text, depth - 1)).toBe(true);
      }),
    );
  });
});

describe('JSON from a caller', () => {
  const read = (text: string | Buffer) => readJson(Buffer.from(text));

  it.each([
    ['{"a":[1,null,"x"]}', { a: [1, null, 'x'] }],
    ['\uFEFF{}', {}],
    [String.raw`{"constructor":"\u0041","\u005f":1}`, { constructor: 'A', _: 1 }],
    ['{"a":"__proto__"}', { a: '__proto__' }],
  ])('is parsed: %s', (text, value) => expect(read(text)).toEqual(value));

  it.each([
    ['no text', ''],
    ['a half', '{"a":'],
    ['two byte order marks', '\uFEFF\uFEFF{}'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['21 levels', '['.repeat(21) + ']'.repeat(21)],
    ['__proto__', '{"a":{"__proto__":{"b":1}}}'],
    ['__proto__, escaped', String.raw`{"\u005f_proto__":1}`],
    ['constructor.prototype', '{"constructor":{"prototype":{}}}'],
  ])('is rejected: %s', (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'unreadable_request' }));
  });

  it('is rejected with the place of the fault, and without the text', () => {
    expect(() => read('\uFEFF{\n  "number": "4012000033330026",,\n}')).toThrow(
      expect.objectContaining({
        detail: 'The body is not JSON: line 2, column 32 does not continue it.',
      }),
    );
    expect(() => read('{"__proto__":{"a":1}}')).toThrow(
      expect.objectContaining({ detail: expect.stringContaining('a prototype') }),
    );
  });
});
