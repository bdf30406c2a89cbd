// Goal: whatever evidence comes in whatever order, no charge is invented and no second request is
// possible. Method: fast-check draws evidence in arbitrary order and checks what ends a payment,
// what a repeat does, and a whole history.
import fc from 'fast-check';
import { NOW, aPayment } from '../test/a-payment.js';
import { always, someEvidence, somePayment } from '../test/arbitrary-evidence.js';
import { decide } from './decide.js';
import type { Decision } from './decision.js';
import type { Evidence } from './evidence.js';
import type { Payment } from './payment.js';
import { hasBeenCharged, isEnded } from './status.js';

/**
 * True when the gateway reported an end, nothing was ever sent, or the caller cancelled in time:
 * all that may end a payment.
 */
function mayEnd(before: Payment, learned: Evidence): boolean {
  switch (learned.cause) {
    case 'callback':
      return false;
    case 'inquiry':
      return learned.answer.kind === 'reported' || learned.answer.kind === 'absent';
    case 'operator':
      return before.status === 'inDoubt';
    case 'reply':
      return ['reported', 'blocked', 'refused', 'notSent'].includes(learned.outcome.kind);
    case 'request':
      return before.status === 'queued';
    case 'sweeper':
      return (
        before.status === 'queued' && learned.act === 'neverSent' && before.submitBefore <= NOW
      );
  }
}

describe('an end', () => {
  it('comes only from the gateway, from proof that nothing was sent, from the caller in time, or from a person about a doubt', () =>
    always((before, { move }, learned) => {
      if (move && isEnded(move.to)) expect(mayEnd(before, learned)).toBe(true);
    }));

  it('by charge comes only from a report or a person', () =>
    always((before, { next }, learned) => {
      if (learned.cause === 'operator') return;
      if (hasBeenCharged(before.status) || !hasBeenCharged(next.status)) return;
      const word = 'report' in learned ? learned.report : undefined;
      const kind = 'outcome' in learned ? learned.outcome.kind : undefined;
      const answered = 'answer' in learned ? learned.answer.kind : undefined;
      expect(word !== undefined || kind === 'reported' || answered === 'reported').toBe(true);
    }));
});

/**
 * Expects two records that differ only in the inquiry schedule, which every inquiry without a
 * result moves on, and in the number of requests, which every callback raises.
 */
function expectSameButSchedule(payment: Payment, other: Payment): void {
  const { asks, hintedAt, inquiries, nextStepAt, updatedAt } = other;
  const schedule = { asks, hintedAt, inquiries, nextStepAt, updatedAt };
  expect({ ...payment, ...schedule }).toEqual(other);
}

describe('the same evidence again', () => {
  it('changes nothing but the time of the next inquiry', () => {
    const property = fc.property(somePayment, someEvidence, (before, learned) => {
      const { next } = decide(before, learned, NOW);
      const again = decide(next, learned, NOW);
      expect(again.move).toBeNull();
      expectSameButSchedule(again.next, next);
    });
    fc.assert(property, { numRuns: 3_000 });
  });
});

describe('a whole history', () => {
  it('numbers its transitions without a gap and opens no attempt after one that may have been sent', () => {
    const property = fc.property(fc.array(someEvidence, { maxLength: 30 }), (history) => {
      let current = aPayment('queued');
      const moves: NonNullable<Decision['move']>[] = [];
      for (const learned of history) {
        const { next, move } = decide(current, learned, NOW);
        if (move) moves.push(move);
        current = next;
      }
      expect(current.version).toBe(1 + moves.length);
      const opened = moves.filter(({ to }) => to === 'submitting').length;
      const provablyUnsent = moves.filter(({ to }) => to === 'queued').length;
      expect(opened - provablyUnsent).toBeLessThanOrEqual(1);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});
