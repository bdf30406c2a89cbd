// Every status × every status that an operator might set: an operator ends only a doubt, and only
// with a final status.
import { NOW, aPayment, fromNow } from '../test/a-payment.js';
import { readMatrix } from '../test/matrix.js';
import { RESOLUTIONS } from '../test/outcome-matrices.js';
import { outcomeWord } from '../test/outcome-word.js';
import { resolvableStatuses } from './decide-on-request.js';
import { decide } from './decide.js';
import type { Payment } from './payment.js';
import { isEnded, mayMove, type PaymentStatus, paymentStatuses } from './status.js';

const resolve = (payment: Payment, to: PaymentStatus) =>
  decide(payment, { cause: 'operator', to }, NOW);
const SIGNS: Readonly<Record<string, string>> = {
  x: 'not_an_end',
  '=': 'already_so',
  '-': 'not_in_doubt',
};

describe('every status and every resolution', () => {
  const cells = readMatrix(RESOLUTIONS);

  it('is listed here', () => expect(cells).toHaveLength(17 * 17));

  it.each(cells)('$status, resolved as $column: $expected', ({ status, column, expected }) => {
    const decision = resolve(aPayment(status), column as PaymentStatus);
    expect(outcomeWord(decision)).toBe(SIGNS[expected] ?? expected);
  });
});

describe('a resolution', () => {
  it.each(resolvableStatuses)('as %s ends the payment and may follow a doubt', (status) => {
    expect(isEnded(status)).toBe(true);
    expect(mayMove('inDoubt', status)).toBe(true);
  });

  it('is never an open status', () => {
    const said: readonly PaymentStatus[] = resolvableStatuses;
    const open = paymentStatuses.filter((status) => !isEnded(status));
    expect(open.filter((status) => said.includes(status))).toEqual([]);
  });
});

describe('a doubt that an operator has resolved', () => {
  it.each(['failed', 'declined', 'blocked'] as const)(
    'as %s names the operator as its source',
    (status) => {
      const { next, move } = resolve(aPayment('inDoubt'), status);
      expect(next.failure?.code).toBe('resolved_by_operator');
      expect(move).toEqual({
        from: 'inDoubt',
        to: status,
        cause: 'operator',
        gatewayCode: null,
        note: 'resolved_by_operator',
      });
    },
  );

  it.each([
    ['succeeded', 3_600_000],
    ['failed', 60_000],
    ['declined', 60_000],
    ['expired', 60_000],
  ] as const)('as %s leads to an inquiry after %s ms', (status, delayMs) => {
    const { next } = resolve(aPayment('inDoubt', { inquiries: 9 }), status);
    expect(next).toMatchObject({ inquiries: 0, doubtReason: null, nextStepAt: fromNow(delayMs) });
  });
});
