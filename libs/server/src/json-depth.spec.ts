import fc from 'fast-check';
import { nestsDeeperThan } from './json-bodies.js';

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
