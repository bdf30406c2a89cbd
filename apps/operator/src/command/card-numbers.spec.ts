import { withoutCards } from './card-numbers.js';

it.each([
  ['4012000033330026', '[digits]'],
  ['no merchant named 4012 0000 3333 0026 here', 'no merchant named [digits] here'],
  ['4012-0000-3333-0026', '[digits]'],
  ['4012.0000.3333.0026', '[digits]'],
  ['4012 / 0000 / 3333 / 0026', '[digits]'],
  ['４０１２ ００００ ３３３３ ００２６', '[digits]'],
  ['٤٠١٢٠٠٠٠٣٣٣٣٠٠٢٦', '[digits]'],
  ['2026-11-21T10:00:00.000Z', '2026-11-21T10:00:00.000Z'],
  ['pi_01m7y5rh4re6krxxrpp491c5wc', 'pi_01m7y5rh4re6krxxrpp491c5wc'],
  ['port 5432, 11.11 EUR', 'port 5432, 11.11 EUR'],
])('%s becomes %s', (text, shown) => expect(withoutCards(text)).toBe(shown));
