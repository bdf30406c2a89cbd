import { behaviours, generationNames } from '../generation/generation.js';
import { decideUpdate } from './transition.js';

const codes = [0, 1, 2, 3, 5, 7, 8, 9, 10, 11, 12, 22, 23, 24, 25, 26, 27, 28];
const everyCase = generationNames.flatMap((generation) =>
  codes.flatMap((stored) => codes.map((acquirer) => ({ generation, stored, acquirer }))),
);

describe('decideUpdate', () => {
  it.each(everyCase)(
    'in $generation, $stored followed by $acquirer',
    ({ generation, stored, acquirer }) => {
      const storable = generation === 'b' ? [1, 2, 10, 22, 23] : [1, 2, 22, 23];
      expect(
        decideUpdate({ stored, acquirer, testAuth: undefined }, behaviours[generation]),
      ).toEqual({
        shown: acquirer,
        isStored: [0, 22, 23].includes(stored) && storable.includes(acquirer),
      });
    },
  );

  it.each([
    ['approved', { shown: 25, isStored: true }],
    ['declined', { shown: 26, isStored: true }],
    ['APPROVED', { shown: 27, isStored: false }],
    [undefined, { shown: 27, isStored: false }],
  ])('of a waiting 3DS test card with test_auth %s', (testAuth, decision) => {
    expect(decideUpdate({ stored: 27, acquirer: undefined, testAuth }, behaviours.b)).toEqual(
      decision,
    );
  });

  it.each(codes.filter((code) => code !== 27))('ignores test_auth while %d is stored', (stored) => {
    expect(
      decideUpdate({ stored, acquirer: undefined, testAuth: 'approved' }, behaviours.a),
    ).toEqual({
      shown: stored,
      isStored: false,
    });
  });
});
