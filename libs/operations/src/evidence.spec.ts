import { looksLikeCard } from '@quittance/cards';
import { checkEvidence, checkName } from './evidence.js';

describe('evidence', () => {
  it('is kept without the blanks around it', () => {
    expect(checkEvidence('  dashboard says approved, 10:31 UTC ')).toBe(
      'dashboard says approved, 10:31 UTC',
    );
  });

  it.each([
    ['nothing', ''],
    ['blanks', '  \t '],
    ['two lines', 'a\nb'],
    ['a control character', 'a\u0000b'],
    ['too much', 'x'.repeat(1_001)],
  ])('is not %s', (_, text) => {
    expect(() => checkEvidence(text)).toThrow('--evidence is one line of 1 to 1000 characters.');
  });

  it.each([
    'paid with 4012000033330026',
    'paid with 4012 0000 3333 0026, seen',
    '4012-0000-3333-0026',
    '4012.0000.3333.0026',
    'on 2026-11-21 4012 0000 3333 0026',
    'on 2026-11-21: 4242424242424242',
    'amex 378282246310005',
    '４０１２００００３３３３００２６',
    // A test card that fails Luhn is a card to the gateway.
    '5111111111111111',
  ])('may not hold a card number: %p', (text) => {
    expect(looksLikeCard(text)).toBe(true);
    expect(() => checkEvidence(text)).toThrow('card number');
    expect(() => checkEvidence(text)).not.toThrow(/\d{12}/);
  });

  it.each([
    'transID 100135250426141606, code 1',
    'ticket 4711, 2026-11-21 10:31:07, +65 62294466',
    'bank statement of 2026-11-21: 11.11 EUR',
    // The check digit is wrong.
    '4012000033330027',
    'IBAN DE89 3704 0044 0532 0130 00',
  ])('may hold other numbers: %p', (text) => expect(looksLikeCard(text)).toBe(false));
});

describe('a name', () => {
  it('is somebody', () => {
    expect(checkName(' ann ')).toBe('ann');
    expect(() => checkName(' ')).toThrow('--by is one line of 1 to 100 characters.');
    expect(() => checkName('4012000033330026')).toThrow('--by is a name.');
  });
});
