// The claims of other payments on a transaction found by the reference alone.
import { aPayment, aReport } from '../test/a-payment.js';
import { rivalFor } from './report-match.js';
import type { Payment } from './payment.js';

const CARD = { brand: 'visa', first6: '401200', last4: '0026' };
const open = (changes: Partial<Payment> = {}) => aPayment('submitting', changes);

it.each<[string, Payment[], ReturnType<typeof rivalFor>]>([
  ['no other payment', [], undefined],
  ['one that has it', [aPayment('succeeded')], 'hasTransaction'],
  ['one that has it, and another one', [open(), aPayment('succeeded')], 'hasTransaction'],
  ['one that could have requested it', [open()], 'mayHaveTransaction'],
  ['one in doubt', [aPayment('inDoubt')], 'mayHaveTransaction'],
  ['one that was refused, perhaps by another’s reply', [aPayment('failed')], 'mayHaveTransaction'],
  ['one whose caller encrypted its card', [open({ card: null })], 'mayHaveTransaction'],
  ['one of another card', [open({ card: { ...CARD, last4: '4242' } })], undefined],
  ['one of another amount', [open({ amountMinor: 1112n })], undefined],
  ['one of another currency', [open({ currency: 'USD' })], undefined],
])('%s', (_, others, rival) => {
  expect(rivalFor(aReport('1'), others)).toBe(rival);
});
