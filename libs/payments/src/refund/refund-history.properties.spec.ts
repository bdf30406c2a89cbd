// The properties of a refund and its payment for any evidence, in any order and with repeats.
import fc from 'fast-check';
import { aPayment, aReport, fromNow, NOW } from '../../test/a-payment.js';
import { aRefund } from '../../test/a-refund.js';
import type { Payment } from '../payment.js';
import { decideRefund } from './decide-refund.js';
import type {
  RefundDecision,
  RefundedPayment,
  RefundEvidence,
  RefundOutcome,
} from './refund-decision.js';
import { mayRefundMove } from './refund.js';

const report = fc
  .tuple(fc.constantFrom('0', '1', '2', '3', '5', '7', '8', '25', '99'), fc.boolean())
  .map(([code, isOther]) => aReport(code, isOther ? { transId: '999' } : {}));
const outcome: fc.Arbitrary<RefundOutcome> = fc.oneof(
  fc.constant({ kind: 'notSent', reason: 'econnrefused' } as const),
  fc.constant({ kind: 'accepted', report: aReport('8') } as const),
  fc
    .constantFrom('7', '8')
    .map((code) => ({ kind: 'alreadyRequested', report: aReport(code) }) as const),
  fc.constant({ kind: 'refused', code: 'rejected', message: 'No', report: null } as const),
  fc.constant({ kind: 'unknown', reason: 'no_reply' } as const),
);
const evidence: fc.Arbitrary<RefundEvidence> = fc.oneof(
  fc.constant<RefundEvidence>({ cause: 'request', act: 'open', replyBefore: fromNow(30_000) }),
  fc.constant<RefundEvidence>({ cause: 'sweeper', act: 'abandoned' }),
  outcome.map((value): RefundEvidence => ({ cause: 'reply', outcome: value, random: 0.5 })),
  fc
    .constantFrom('accepted' as const, 'failed' as const)
    .map((as): RefundEvidence => ({ cause: 'operator', as, note: 'seen' })),
  fc
    .tuple(report, fc.constantFrom('payment' as const, 'refund' as const))
    .map(([said, step]): RefundEvidence => ({
      cause: 'inquiry',
      answer: { kind: 'reported', report: said },
      step,
    })),
);

/**
 * Applies a decision as persistence does: the payment's part if there is one, and the amount
 * released by a failure.
 */
function applied({ payment }: RefundedPayment, decision: RefundDecision): RefundedPayment {
  const written: Payment = decision.payment?.next ?? payment;
  const isFreed = decision.move?.to === 'failed';
  const refundReservedMinor = isFreed ? 0n : payment.refundReservedMinor;
  return { refund: decision.next, payment: { ...written, refundReservedMinor } };
}

const start: RefundedPayment = {
  refund: aRefund('queued', { amountMinor: 1111n }),
  payment: aPayment('succeeded', { refundReservedMinor: 1111n }),
};

/** Plays random histories and passes every step to `holds`. */
function inEveryLife(
  holds: (before: RefundedPayment, decision: RefundDecision, learned: RefundEvidence) => void,
): void {
  const property = fc.property(fc.array(evidence, { maxLength: 25 }), (history) => {
    let current = start;
    for (const learned of history) {
      const decision = decideRefund(current, learned, NOW);
      holds(current, decision, learned);
      current = applied(current, decision);
    }
  });
  fc.assert(property, { numRuns: 3_000 });
}

it('a refund moves only as the table allows, and each transition raises its version by one', () =>
  inEveryLife(({ refund }, { next, move, unmoved }) => {
    expect(move === null).toBe(next.status === refund.status);
    expect(unmoved === null).toBe(move !== null);
    expect(next.version - refund.version).toBe(move ? 1 : 0);
    if (move) expect(mayRefundMove(move.from, move.to)).toBe(true);
    expect(next.updatedAt).toEqual(move ? NOW : refund.updatedAt);
  }));

it('a refund is sent again only after proof that the previous request never left', () => {
  const property = fc.property(fc.array(evidence, { maxLength: 40 }), (history) => {
    let current = start;
    let [opened, unsent] = [0, 0];
    for (const learned of history) {
      const decision = decideRefund(current, learned, NOW);
      if (decision.move?.to === 'submitting') opened += 1;
      if (decision.move?.to === 'queued') unsent += 1;
      current = applied(current, decision);
    }
    expect(opened - unsent).toBeLessThanOrEqual(1);
    expect(current.refund.attempt).toBe(start.refund.attempt + opened);
  });
  fc.assert(property, { numRuns: 3_000 });
});

it('a refund fails only by proof, by the gateway’s refusal, or by an operator', () =>
  inEveryLife((_before, { move }, learned) => {
    if (move?.to !== 'failed') return;
    const isProof =
      learned.cause === 'reply'
        ? learned.outcome.kind === 'refused' || learned.outcome.kind === 'notSent'
        : learned.cause === 'operator' || move.from === 'queued';
    expect(isProof).toBe(true);
  }));

it('the refunded amount never exceeds the reserved one, nor precedes the gateway’s report', () =>
  inEveryLife(({ payment, refund }, { next, payment: ofPayment, move }) => {
    const after = ofPayment?.next.refundedMinor ?? payment.refundedMinor;
    expect(after <= payment.refundReservedMinor).toBe(true);
    if (move?.to !== 'succeeded') expect(after).toBe(payment.refundedMinor);
    else expect(after).toBe(refund.amountMinor);
    expect(next.status === 'succeeded').toBe(after > 0n);
  }));

it('a doubt and a failure have a reason exactly while they last', () =>
  inEveryLife((_before, { next }) => {
    expect(next.doubtReason !== null).toBe(next.status === 'inDoubt');
    expect(next.failure !== null).toBe(next.status === 'failed');
  }));
