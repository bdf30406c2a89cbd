// Every status × every status a person might name: only a doubt is ended by a person, and only as
// an end.
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

describe('every status and every word of a person', () => {
  const cells = readMatrix(RESOLUTIONS);

  it('is written out here', () => expect(cells).toHaveLength(17 * 17));

  it.each(cells)('$status, resolved as $column: $expected', ({ status, column, expected }) => {
    const decision = resolve(aPayment(status), column as PaymentStatus);
    expect(outcomeWord(decision)).toBe(SIGNS[expected] ?? expected);
  });
});

describe('what may be said', () => {
  it.each(resolvableStatuses)('%s ends the payment and may follow a doubt', (status) => {
    expect(isEnded(status)).toBe(true);
    expect(mayMove('inDoubt', status)).toBe(true);
  });

  it('is never something the gateway would have to move on', () => {
    const said: readonly PaymentStatus[] = resolvableStatuses;
    const open = paymentStatuses.filter((status) => !isEnded(status));
    expect(open.filter((status) => said.includes(status))).toEqual([]);
  });
});

describe('a doubt that a person has ended', () => {
  it.each(['failed', 'declined', 'blocked'] as const)('as %s says whose word it is', (status) => {
    const { next, move } = resolve(aPayment('inDoubt'), status);
    expect(next.failure?.code).toBe('resolved_by_operator');
    expect(move).toEqual({
      from: 'inDoubt',
      to: status,
      cause: 'operator',
      gatewayCode: null,
      note: 'resolved_by_operator',
    });
  });

  it.each([
    ['succeeded', 3_600_000],
    ['failed', 60_000],
    ['declined', 60_000],
    ['expired', 60_000],
  ] as const)('as %s is asked about again after %s ms', (status, delayMs) => {
    const { next } = resolve(aPayment('inDoubt', { inquiries: 9 }), status);
    expect(next).toMatchObject({ inquiries: 0, doubtReason: null, nextStepAt: fromNow(delayMs) });
  });
});
