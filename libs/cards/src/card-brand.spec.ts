import { cardBrand } from './card.js';

describe('the brand of a card number', () => {
  it.each([
    ['4242424242424242', 'visa'],
    ['5555555555554444', 'mastercard'],
    ['2221000000000009', 'mastercard'],
    ['2720990000000007', 'mastercard'],
    ['2721000000000004', 'unknown'],
    ['2220990000000000', 'unknown'],
    ['378282246310005', 'amex'],
    ['341111111111111', 'amex'],
    ['30569309025904', 'diners'],
    ['36700102000000', 'diners'],
    ['38520000023237', 'diners'],
    ['3528000000000007', 'jcb'],
    ['3589000000000003', 'jcb'],
    ['3590000000000000', 'unknown'],
    ['6011111111111117', 'discover'],
    ['6500000000000002', 'discover'],
    ['6440000000000000', 'discover'],
    ['6521000000000000', 'rupay'],
    ['6074000000000000', 'rupay'],
    ['5081000000000000', 'rupay'],
    ['8200000000000000', 'rupay'],
    ['6200000000000005', 'unionpay'],
    ['8171000000000000', 'unionpay'],
    ['6759649826438453', 'maestro'],
    ['5018000000000009', 'maestro'],
    ['9999999999999999', 'unknown'],
    ['0000000000000000', 'unknown'],
  ])('%s is %s', (number, brand) => expect(cardBrand(number)).toBe(brand));

  it("gives the gateway's test cards the gateway's brand, even outside the published ranges", () => {
    expect(cardBrand('35000000000000')).toBe('jcb');
  });
});
