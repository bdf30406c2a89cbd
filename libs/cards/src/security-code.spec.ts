import { holdsSecurityCode, isSecurityCode } from './card-detection.js';

describe('a member', () => {
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
  ])('%p: %p is a security code', (name, value) => expect(isSecurityCode(name, value)).toBe(true));

  it.each([
    ['seat', '123'],
    ['cvv', 'match'],
    ['cvv_result', 'M'],
    ['cvv', '12345'],
    ['cvvs', '123'],
    ['postal_code', '123'],
  ])('%p: %p is none', (name, value) => expect(isSecurityCode(name, value)).toBe(false));
});

describe('a text', () => {
  it.each([
    'cvv 123',
    'card 4012, CVC: 1234, exp 01/30',
    'https://shop.example/?a=b&cvv2=123',
    'Security code is 123.',
    'cvv%3D123',
    'CVV=１２３',
  ])('%p gives a security code', (text) => expect(holdsSecurityCode(text)).toBe(true));

  it.each(['123', 'cvv matched', 'cvv 12345', 'the cvv of order 123', 'Two tickets', ''])(
    '%p gives none',
    (text) => expect(holdsSecurityCode(text)).toBe(false),
  );
});
