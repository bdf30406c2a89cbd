import { holdsSecurityCode, isSecurityCode } from './card-detection.js';

describe('isSecurityCode', () => {
  it.each([
    ['cvv', '123'],
    ['CVV2', '1234'],
    ['card_cvc', '123'],
    ['cardSecurityCode', '123'],
    ['security-code', ' 123 '],
    ['csc', '123'],
    ['card verification value', '123'],
    ['ｃｖｖ', '１２３'],
    ['cvv', '%31%32%33'],
    ['cvv', '(123)'],
  ])('accepts %p: %p', (name, value) => expect(isSecurityCode(name, value)).toBe(true));

  it.each([
    ['seat', '123'],
    ['cvv', 'match'],
    ['cvv_result', 'M'],
    ['cvv', '12345'],
    ['cvvs', '123'],
    ['postal_code', '123'],
  ])('rejects %p: %p', (name, value) => expect(isSecurityCode(name, value)).toBe(false));
});

describe('holdsSecurityCode', () => {
  it.each([
    'cvv 123',
    'card 4012, CVC: 1234, exp 01/30',
    'https://shop.example/?a=b&cvv2=123',
    'Security code is 123.',
    'cvv%3D123',
    'CVV=１２３',
  ])('finds a security code in %p', (text) => expect(holdsSecurityCode(text)).toBe(true));

  it.each(['123', 'cvv matched', 'cvv 12345', 'the cvv of order 123', 'Two tickets', ''])(
    'finds none in %p',
    (text) => expect(holdsSecurityCode(text)).toBe(false),
  );
});
