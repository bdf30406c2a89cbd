import fc from 'fast-check';
import { javaDoubleText, parseJavaDouble, roundHalfUpToCents } from './java-double.js';

describe('parseJavaDouble', () => {
  it.each([
    ['11.10', 11.1],
    ['130', 130],
    ['1e3', 1000],
    [' 5 ', 5],
    ['.5', 0.5],
    ['5.', 5],
    ['-1', -1],
    ['+2.5', 2.5],
    ['3d', 3],
    ['NaN', Number.NaN],
    ['-Infinity', Number.NEGATIVE_INFINITY],
  ])('reads %j as %d', (text, value) => {
    expect(parseJavaDouble(text)).toBe(value);
  });

  it.each(['', ' ', '1,000.00', 'ten', '1.2.3', 'null', '0b1', '1e', '--1'])(
    'refuses %j',
    (text) => {
      expect(parseJavaDouble(text)).toBeUndefined();
    },
  );
});

describe('javaDoubleText', () => {
  it.each([
    [120, '120.0'],
    [11.1, '11.1'],
    [11.11, '11.11'],
    [130, '130.0'],
    [10_000_000, '1.0E7'],
    [9_999_999.99, '9999999.99'],
    [12_345_678.9, '1.23456789E7'],
    [0.0005, '5.0E-4'],
    [0.001, '0.001'],
    [0, '0.0'],
    [-0, '-0.0'],
    [-125.75, '-125.75'],
    [1e22, '1.0E22'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('writes %d as %j', (value, text) => {
    expect(javaDoubleText(value)).toBe(text);
  });

  it('writes every double so that it reads back as the same double', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseJavaDouble(javaDoubleText(value))).toBe(value);
      }),
    );
  });
});

describe('roundHalfUpToCents', () => {
  it.each([
    [1.005, 1.01],
    [1.004, 1],
    [2.675, 2.68],
    [0.004, 0],
    [0.005, 0.01],
    [125.75, 125.75],
    [1e-7, 0],
  ])('rounds %d to %d', (value, rounded) => {
    expect(roundHalfUpToCents(value)).toBe(rounded);
  });
});
