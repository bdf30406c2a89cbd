import { searchTerm } from './search-text.js';

const ULID = '01m7y5rh4re6krxxrpp491c5wc';

describe('the text of a search', () => {
  it.each([
    [`pi_${ULID}`, 'payment', `pi_${ULID}`],
    [` pi_${ULID}\n`, 'payment', `pi_${ULID}`],
    [`re_${ULID}`, 'refund', `re_${ULID}`],
    [`evt_${ULID}_12`, 'event', ULID],
    ['0026', 'last_four', '0026'],
    ['100135250426141606', 'transaction', '100135250426141606'],
    ['ORD-1001', 'reference', 'ORD-1001'],
    ['pi_short', 'reference', 'pi_short'],
  ])('%j is a %s', (text, form, stored) => {
    expect(searchTerm(text)).toEqual({ form, text: stored });
  });

  it.each(['4012000033330026', '4012 0000 3333 0026', 'ORD-4012000033330026'])(
    'may not be a card number: %s',
    (text) => expect(() => searchTerm(text)).toThrow('validation_failed'),
  );

  it.each(['', ' ', 'a b', 'ORD-1;--', 'x'.repeat(65), '\u0000'])('may not be %j', (text) => {
    expect(() => searchTerm(text)).toThrow('validation_failed');
  });
});
