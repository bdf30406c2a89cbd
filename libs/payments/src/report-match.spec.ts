// The precedence of differences: each row has one fault fewer than the row above it.
import { aPayment, aReport } from '../test/a-payment.js';
import { mismatch } from './report-match.js';
import type { Mismatch } from './reasons.js';
import type { GatewayReport } from './evidence.js';
import { formatAmount } from './money.js';

const cents = (minor: bigint) => formatAmount({ minor, currency: 'EUR' });

const rows: ReadonlyArray<readonly [string, Mismatch | undefined, Partial<GatewayReport>]> = [
  [
    'everything is different',
    'other_transaction',
    { transId: '999', reference: 'ORD-1002', amount: cents(1n), currency: 'USD' },
  ],
  [
    'all but the transID is different',
    'other_reference',
    { reference: 'ORD-1002', amount: cents(1n), currency: 'USD' },
  ],
  ['the reference differs in case', 'other_reference', { reference: 'ord-1001' }],
  [
    'amount and currency are different',
    'amount_mismatch',
    { reference: null, amount: cents(1n), currency: 'USD' },
  ],
  ['the amount differs in sign', 'amount_mismatch', { amount: cents(-1111n) }],
  [
    'the currency is different',
    'currency_mismatch',
    { reference: null, amount: null, currency: 'USD' },
  ],
  ['everything is omitted', 'incomplete_report', { reference: null, amount: null, currency: null }],
  ['the currency is omitted', 'incomplete_report', { currency: null }],
  ['everything matches', undefined, {}],
];

describe('the mismatch', () => {
  it.each(rows)('if %s is %p', (_, expected, changes) => {
    const report = aReport('1', changes);
    expect(mismatch(aPayment('processing'), report, { mustBeComplete: true })).toBe(expected);
  });

  it.each(rows)('if %s is %p, unless omissions are allowed', (_, expected, changes) => {
    const report = aReport('1', changes);
    const tolerated = expected === 'incomplete_report' ? undefined : expected;
    expect(mismatch(aPayment('processing'), report, { mustBeComplete: false })).toBe(tolerated);
  });

  it('is never the transID while ours is unknown', () => {
    const report = aReport('1', { transId: '999' });
    const doubtful = aPayment('inDoubt', { transId: null });
    expect(mismatch(doubtful, report, { mustBeComplete: true })).toBeUndefined();
  });
});
