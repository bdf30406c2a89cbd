import fc from 'fast-check';
import { testCards } from '@quittance/gateway-protocol';
import { passesLuhn } from './card.js';

describe('the Luhn check', () => {
  it.each(testCards.map(({ number, luhnOk }) => [number, luhnOk] as const))(
    'agrees with the protocol about %s: %s',
    (number, luhnOk) => expect(passesLuhn(number)).toBe(luhnOk),
  );

  it('detects any single mistyped digit', () => {
    const valid = fc.constantFrom('4012000033330026', '378282246310005', '36259600000012');
    fc.assert(
      fc.property(valid, fc.nat(), fc.integer({ min: 1, max: 9 }), (number, where, by) => {
        const index = where % number.length;
        const digit = (Number(number[index]) + by) % 10;
        const mistyped = `${number.slice(0, index)}${digit}${number.slice(index + 1)}`;
        expect(passesLuhn(mistyped)).toBe(false);
      }),
    );
  });
});
