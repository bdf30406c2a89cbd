import { looksLikeCard } from '@quittance/cards';
import { checkEvidence, checkName } from './evidence.js';

describe('evidence', () => {
  it('is stored without surrounding spaces', () => {
    expect(checkEvidence('  dashboard says approved, 10:31 UTC ')).toBe(
      'dashboard says approved, 10:31 UTC',
    );
  });

  it.each([
    ['an empty text', ''],
    ['spaces', '  \t '],
    ['two lines', 'a\nb'],
    ['a control character', 'a\u0000b'],
    ['too many characters', 'x'.repeat(1_001)],
  ])('rejects %s', (_, text) => {
    expect(() => checkEvidence(text)).toThrow(
      '--evidence must be one line of 1 to 1000 characters.',
    );
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
    // The gateway accepts its test cards even where they fail the Luhn check.
    '5111111111111111',
  ])('rejects a card number: %p', (text) => {
    expect(looksLikeCard(text)).toBe(true);
    expect(() => checkEvidence(text)).toThrow('card number');
    expect(() => checkEvidence(text)).not.toThrow(/\d{12}/);
  });

  it.each([
    'transID 100135250426141606, code 1',
    'ticket 4711, 2026-11-21 10:31:07, +65 62294466',
    'bank statement of 2026-11-21: 11.11 EUR',
    // An invalid check digit.
    '4012000033330027',
    'IBAN DE89 3704 0044 0532 0130 00',
  ])('accepts other numbers: %p', (text) => expect(looksLikeCard(text)).toBe(false));
});

describe('a name', () => {
  it('is one line without a card number', () => {
    expect(checkName(' ann ')).toBe('ann');
    expect(() => checkName(' ')).toThrow('--by must be one line of 1 to 100 characters.');
    expect(() => checkName('4012000033330026')).toThrow('--by must be a name.');
  });
});
