// The rows of protocol §10, with their Luhn column recomputed.
import { findTestCard, isTestCard, testCards } from './test-cards.js';

function passesLuhn(number: string): boolean {
  const sum = number
    .split('')
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

describe('test cards', () => {
  it('are the fourteen of the protocol', () => {
    expect(new Set(testCards.map(({ number }) => number)).size).toBe(14);
  });

  it.each(testCards)('$number passes Luhn exactly if its row says so', ({ number, luhnOk }) => {
    expect(passesLuhn(number)).toBe(luhnOk);
  });

  it.each([
    ['5111111111111111', 'mastercard', 'test3ds'],
    ['5123450000000008', 'mastercard', 'testApproved'],
    ['5555229999997722', 'mastercard', 'testDeclined'],
    ['5555229999999975', 'mastercard', 'test'],
    ['4111111111111111', 'visa', 'test3ds'],
    ['4012000033330026', 'visa', 'testApproved'],
    ['4043409999991437', 'visa', 'testDeclined'],
    ['4029939999997636', 'visa', 'test'],
    ['30000000000000', 'diners', 'test3ds'],
    ['30123400000000', 'diners', 'testApproved'],
    ['36259600000012', 'diners', 'testDeclined'],
    ['35000000000000', 'jcb', 'test3ds'],
    ['3528000000000007', 'jcb', 'testApproved'],
    ['3528111100000001', 'jcb', 'testDeclined'],
  ])('%s of %s gives %s', (number, network, orderStatus) => {
    expect(findTestCard(number)).toMatchObject({ network, orderStatus });
  });

  it.each(['4111 1111 1111 1111', '4111-1111-1111-1111'])(
    'finds %s despite its spelling',
    (number) => {
      expect(isTestCard(number)).toBe(true);
    },
  );

  it.each(['', '4111111111111112', '411111111111111', '4242424242424242'])(
    'do not include %j',
    (number) => {
      expect(isTestCard(number)).toBe(false);
    },
  );
});
