// Goal: whatever is heard in whatever order, a payment ends where the gateway's record does, and no move leads down. Method:
// fast-check draws a life of the record, replies, callbacks, inquiries, operators, absences, expiries and refunds, and its
// scheduler mixes them; at last the truth is heard. Then wrong rules are planted, which must be found.
import { checkConvergence } from '../test/convergence.js';
import { isRegress, stageOf } from '../test/stages.js';
import { keep, move } from './decision.js';
import { decide } from './decide.js';
import { PAYMENT_STATUSES, paymentStatuses } from './status.js';

describe('ten thousand interleavings', () => {
  it('each end in the one truth, and no status regresses', async () => {
    const { failed, numRuns, counterexample, errorInstance } = await checkConvergence(
      decide,
      10_000,
      { isPlanted: false },
    );
    expect({ failed, counterexample, errorInstance }).toMatchObject({ failed: false });
    expect(numRuns).toBe(10_000);
  }, 120_000);
});

const PLANTED: Readonly<Record<string, typeof decide>> = {
  'a late success that is ignored after an expiry': (payment, evidence, now) => {
    const decision = decide(payment, evidence, now);
    const isWrong = payment.status === 'expired' && decision.move?.to === 'succeeded';
    return isWrong ? keep(payment, 'no_such_move') : decision;
  },
  'an operator whose word is final': (payment, evidence, now) => {
    const decision = decide(payment, evidence, now);
    const isWrong = payment.failure?.code === 'resolved_by_operator' && decision.move !== null;
    return isWrong ? keep(payment, 'no_such_move') : decision;
  },
  'an old callback that re-opens a decline': (payment, evidence, now) => {
    const isWrong = payment.status === 'declined' && evidence.cause === 'callback';
    return isWrong && evidence.report.orderStatus === '0'
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

  it.each(moves)('is no move of the table: %s → %s', (from, to) => {
    expect(isRegress(from, to)).toBe(false);
  });

  it('is anything else that leads down', () => {
    expect(stageOf('declined')).toBeGreaterThan(stageOf('processing'));
    expect(isRegress('declined', 'processing')).toBe(true);
    expect(isRegress('reversed', 'succeeded')).toBe(true);
  });
});
