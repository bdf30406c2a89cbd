// Goal: whatever evidence arrives in whatever order, a payment ends in the status of the gateway's
// record, and no transition is a regress. Method: fast-check draws a life of the record, replies,
// callbacks, forged callbacks, inquiries, operators, absences, expiries and refunds, and its
// scheduler interleaves them; the true report comes last. Then wrong rules are planted, which the
// property must find.
import { checkConvergence } from '../test/convergence.js';
import { isRegress, stageOf } from '../test/stages.js';
import type { Decision } from './decision.js';
import { keep, move } from './decision.js';
import { decide } from './decide.js';
import type { GatewayReport } from './evidence.js';
import type { Payment } from './payment.js';
import { PAYMENT_STATUSES, paymentStatuses } from './status.js';

describe('ten thousand interleavings', () => {
  it('each end in the status of the record, and no status regresses', async () => {
    const { failed, numRuns, counterexample, errorInstance } = await checkConvergence(
      decide,
      10_000,
      { isPlanted: false },
    );
    expect({ failed, counterexample, errorInstance }).toMatchObject({ failed: false });
    expect(numRuns).toBe(10_000);
  });
});

/** Decides as if the callback were the answer to our own inquiry. */
function believed(payment: Payment, report: GatewayReport, now: Date): Decision {
  const word = { kind: 'reported', report } as const;
  return payment.status === 'submitting'
    ? decide(payment, { cause: 'reply', outcome: word, random: 0 }, now)
    : decide(payment, { cause: 'inquiry', answer: word }, now);
}

const PLANTED: Readonly<Record<string, typeof decide>> = {
  'a late success that is ignored after an expiry': (payment, evidence, now) => {
    const decision = decide(payment, evidence, now);
    const isWrong = payment.status === 'expired' && decision.move?.to === 'succeeded';
    return isWrong ? keep(payment, 'no_such_move') : decision;
  },
  'an operator whose resolution is final': (payment, evidence, now) => {
    const decision = decide(payment, evidence, now);
    const isWrong = payment.failure?.code === 'resolved_by_operator' && decision.move !== null;
    return isWrong ? keep(payment, 'no_such_move') : decision;
  },
  'a callback that is believed': (payment, evidence, now) =>
    evidence.cause === 'callback' && evidence.report
      ? believed(payment, evidence.report, now)
      : decide(payment, evidence, now),
  'a callback that is believed when it ends a payment without a charge': (
    payment,
    evidence,
    now,
  ) => {
    const isEnd = evidence.cause === 'callback' && evidence.report?.orderStatus === '2';
    return isEnd && evidence.report
      ? believed(payment, evidence.report, now)
      : decide(payment, evidence, now);
  },
  'a callback that is believed when it takes a charge back': (payment, evidence, now) => {
    const isBack = evidence.cause === 'callback' && evidence.report?.orderStatus === '5';
    return isBack && payment.status === 'succeeded' && evidence.report
      ? believed(payment, evidence.report, now)
      : decide(payment, evidence, now);
  },
  'a callback that names the transaction': (payment, evidence, now) => {
    const decision = decide(payment, evidence, now);
    const isNamed = evidence.cause === 'callback' && payment.transId === null;
    return isNamed && evidence.report
      ? { ...decision, next: { ...decision.next, transId: evidence.report.transId } }
      : decision;
  },
  'a callback that sets the payer’s address': (payment, evidence, now) => {
    const decision = decide(payment, evidence, now);
    const isNamed = evidence.cause === 'callback' && payment.authUrl === null;
    return isNamed && evidence.report
      ? { ...decision, next: { ...decision.next, authUrl: evidence.report.authUrl } }
      : decision;
  },
  'an old callback that re-opens a decline': (payment, evidence, now) => {
    const isWrong = payment.status === 'declined' && evidence.cause === 'callback';
    return isWrong && evidence.report?.orderStatus === '0'
      ? move(payment, { to: 'processing', cause: 'callback' }, now)
      : decide(payment, evidence, now);
  },
};

describe('the property itself', () => {
  it.each(Object.entries(PLANTED))('finds %s', async (_, wrong) => {
    const found = await checkConvergence(wrong, 10_000, { isPlanted: true });
    expect(found).toMatchObject({ failed: true });
  });
});

describe('a regress', () => {
  const moves = paymentStatuses.flatMap((from) =>
    PAYMENT_STATUSES[from].next.map((to) => [from, to] as const),
  );

  it.each(moves)('is no transition of the table: %s → %s', (from, to) => {
    expect(isRegress(from, to)).toBe(false);
  });

  it('is any other transition to a lower stage', () => {
    expect(stageOf('declined')).toBeGreaterThan(stageOf('processing'));
    expect(isRegress('declined', 'processing')).toBe(true);
    expect(isRegress('reversed', 'succeeded')).toBe(true);
  });
});
