import fc from 'fast-check';
import { type Level, PressureLevel } from './pressure-level.js';

const levels = (enterAfter: number, samples: readonly number[]): Level[] => {
  const pressure = new PressureLevel({ first: 50, second: 100, enterAfter });
  return samples.map((sample) => pressure.sample(sample));
};

describe('a pressure level', () => {
  it.each<[string, number, number[], Level[]]>([
    ['stays at 0 below the first bound', 1, [0, 49, 10], [0, 0, 0]],
    ['rises at its bounds, in order', 1, [50, 99, 100], [1, 1, 2]],
    ['rises by two at once', 1, [500], [2]],
    ['rises only after as many samples as asked', 3, [100, 100, 100], [0, 0, 2]],
    ['does not rise by samples that are not consecutive', 2, [60, 0, 60, 0], [0, 0, 0, 0]],
    ['stays between a bound and 70 % of it', 1, [100, 80, 71, 99], [2, 2, 2, 2]],
    ['falls after three samples below 70 %', 1, [100, 60, 60, 60], [2, 2, 2, 1]],
    ['falls to 0 at once when both bounds are left', 1, [100, 0, 0, 0], [2, 2, 2, 0]],
    ['does not fall by a single low sample', 1, [100, 0, 100, 0, 0], [2, 2, 2, 2, 2]],
  ])('%s', (_, enterAfter, samples, expected) => {
    expect(levels(enterAfter, samples)).toEqual(expected);
  });

  it('is 0 after enough quiet samples, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300)), (samples) => {
        expect(levels(1, [...samples, 0, 0, 0]).at(-1)).toBe(0);
      }),
    );
  });

  it('is 2 after enough samples above the second bound', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300)), fc.integer({ min: 1, max: 5 }), (samples, enterAfter) => {
        const pressed = Array.from({ length: enterAfter }, () => 100);
        expect(levels(enterAfter, [...samples, ...pressed]).at(-1)).toBe(2);
      }),
    );
  });
});
