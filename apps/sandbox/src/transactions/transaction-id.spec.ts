import fc from 'fast-check';
import { datedTransactionId, parseTransactionId, randomTransactionId } from './transaction-id.js';

const at = new Date(2025, 3, 26, 14, 16, 6);

describe('datedTransactionId', () => {
  it('contains acquirer, row and local time, as on the reference page', () => {
    expect(datedTransactionId({ acquirer: 100, rowNumber: 135, at })).toBe('100135250426141606');
  });

  it('fills up with milliseconds while the row number is short', () => {
    const id = datedTransactionId({ acquirer: 100, rowNumber: 1, at });
    expect(id).toBe(`1001250426141606${String(at.getTime()).slice(-6, -4)}`);
  });
});

describe('randomTransactionId', () => {
  it('has the last fifteen digits of time and random after a three-digit acquirer', () => {
    const id = randomTransactionId({ acquirer: 100, rowNumber: 1, at }, 0.0429);
    expect(id).toBe(`100${`${at.getTime()}042`.slice(-15)}`);
  });

  it('always has eighteen digits that parse back unchanged', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 922 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        (acquirer, random) => {
          const id = randomTransactionId({ acquirer, rowNumber: 1, at }, random);
          expect(id).toMatch(/^\d{18}$/);
          expect(parseTransactionId(id)).toBe(id);
        },
      ),
    );
  });
});

describe('parseTransactionId', () => {
  it.each([
    ['100135250426141606', '100135250426141606'],
    ['007', '7'],
    ['+5', '5'],
    ['-5', '-5'],
    ['9223372036854775807', '9223372036854775807'],
  ])('reads %j as %j', (text, id) => {
    expect(parseTransactionId(text)).toBe(id);
  });

  it.each(['', 'ORD-1', '1e3', '1.0', ' 1', '9223372036854775808', '0x10', '1'.repeat(31)])(
    'refuses %j',
    (text) => {
      expect(parseTransactionId(text)).toBeUndefined();
    },
  );
});
