// The rows of protocol §3.2, and those that prove that nothing was stored.
import { errorNumbers, findErrorNumber } from './error-numbers.js';

const expected: readonly [number: string, stored: string, since: string][] = [
  ['1111', 'no', 'a'],
  ['1112', 'no', 'a'],
  ['1113', 'no', 'a'],
  ['5001', 'no', 'b'],
  ['5002', 'no', 'b'],
  ['5003', 'no', 'a'],
  ['5005', 'no', 'b'],
  ['5007', 'no', 'b'],
  ['5008', 'no', 'b'],
  ['5012', 'earlier', 'b'],
  ['5015', 'no', 'b'],
  ['500', 'maybe', 'a'],
];

describe('error numbers', () => {
  it.each(expected)('%s: stored is %s, since generation %s', (number, stored, since) => {
    expect(findErrorNumber(number)).toMatchObject({ stored, since });
  });

  it('has no row beyond the table of the protocol', () => {
    expect(errorNumbers.map(({ number }) => number)).toEqual(expected.map(([number]) => number));
  });

  it.each(['', '0', '400', '5004', '5013', '05012', 'constructor'])(
    'does not know %j',
    (number) => {
      expect(findErrorNumber(number)).toBeUndefined();
    },
  );
});
