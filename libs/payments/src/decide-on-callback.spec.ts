// Goal: a callback triggers an inquiry, at a bounded rate, and no inquiry is lost. A table
// (apps/webhook/src/reception/callback-table.spec.ts) lists the result that is stored per status.
import fc from 'fast-check';
import { NOW, aPayment, aReport, fromNow } from '../test/a-payment.js';
import { someCallback, somePayment } from '../test/arbitrary-evidence.js';
import { decide } from './decide.js';
import type { Evidence, GatewayReport } from './evidence.js';
import type { Payment } from './payment.js';
import { paymentStatuses } from './status.js';

const callback = (code: string, changes: Partial<GatewayReport> = {}): Evidence => ({
  cause: 'callback',
  report: aReport(code, changes),
});
const reply = (code: string, changes: Partial<GatewayReport> = {}): Evidence => ({
  cause: 'reply',
  outcome: { kind: 'reported', report: aReport(code, changes) },
  random: 0,
});

it('changes nothing of any payment but the time of the next inquiry', () => {
  const property = fc.property(somePayment, someCallback, (before, evidence) => {
    const { next, move, restoresCard } = decide(before, evidence, NOW);
    expect({ move, restoresCard }).toEqual({ move: null, restoresCard: false });
    const { nextStepAt, hintedAt, updatedAt, inquiries } = before;
    const { asks: _asks, ...rest } = next;
    const { asks: _before, ...record } = before;
    expect({ ...rest, nextStepAt, hintedAt, updatedAt, inquiries }).toEqual(record);
  });
  fc.assert(property, { numRuns: 3_000 });
});

describe('inquiries triggered by callbacks', () => {
  /** Sends callbacks for a minute; returns when each inquiry was due, and when it started. */
  function questionsIn(callbacks: readonly number[], before: Payment) {
    let payment = before;
    const questions: { dueMs: number; ms: number }[] = [];
    for (let ms = 0; ms <= 60_000; ms += 100) {
      const now = fromNow(ms);
      if (payment.nextStepAt !== null && payment.nextStepAt <= now) {
        questions.push({ dueMs: payment.nextStepAt.getTime() - NOW.getTime(), ms });
        payment = decide(payment, { cause: 'inquiry', answer: { kind: 'notFound' } }, now).next;
      }
      if (callbacks.includes(ms)) payment = decide(payment, callback('5'), now).next;
    }
    return questions;
  }
  const quiet = aPayment('succeeded', { nextStepAt: null });
  const every = (ms: number) => Array.from({ length: 60_000 / ms }, (_, at) => at * ms);

  it.each([100, 300, 1_000, 4_900])('are five seconds apart when one comes every %i ms', (ms) => {
    const asked = questionsIn(every(ms), quiet).map(({ dueMs }) => dueMs);
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5_000);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThanOrEqual(13);
  });

  it('come after each callback, five seconds later at most, whatever came before it', () => {
    const times = fc.array(
      fc.nat({ max: 540 }).map((tenth) => tenth * 100),
      { minLength: 1, maxLength: 30 },
    );
    const property = fc.property(times, (callbacks) => {
      const asked = questionsIn(callbacks, quiet);
      for (const at of callbacks)
        expect(asked.some((question) => question.ms > at && question.ms <= at + 5_100)).toBe(true);
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('are not delayed by the clock of another process that runs ahead', () => {
    const payment = aPayment('succeeded', { hintedAt: fromNow(3_600_000) });
    expect(decide(payment, callback('5'), NOW).next.nextStepAt).toEqual(fromNow(5_000));
  });

  it('do not replace an inquiry that is due sooner', () => {
    const payment = aPayment('processing', { nextStepAt: fromNow(-1) });
    expect(decide(payment, callback('2'), NOW).next).toBe(payment);
  });
});

describe('a callback before the reply', () => {
  const submitting = aPayment('submitting');

  it.each(['0', '1', '2', '7'])('moves nothing and sets no transaction: %s', (code) => {
    const { next, move } = decide(submitting, callback(code, { transId: '999' }), NOW);
    expect(move).toBeNull();
    expect(next).toEqual({ ...submitting, hintedAt: NOW });
  });

  it.each<[said: string, transId: string, replied: string, status: string]>([
    ['2', '999', '1', 'succeeded'],
    ['0', '999', '0', 'processing'],
    ['7', '100135250426141606', '1', 'succeeded'],
    ['1', '100135250426141606', '2', 'declined'],
  ])('that reports %s of %s does not affect the reply’s %s', (said, transId, replied, status) => {
    const hinted = decide(submitting, callback(said, { transId }), NOW).next;
    const { next, isDisbelieved, alert } = decide(hinted, reply(replied), fromNow(50));
    expect(next).toMatchObject({ status, transId: '100135250426141606', flags: [] });
    expect({ isDisbelieved, alert }).toEqual({ isDisbelieved: false, alert: null });
    // The callback may be newer than the reply.
    expect(next.nextStepAt).toEqual(fromNow(50));
  });

  it('triggers an inquiry after a doubt too, and after the sweeper', () => {
    const hinted = decide(submitting, callback('1'), NOW).next;
    const lost: Evidence = {
      cause: 'reply',
      outcome: { kind: 'unknown', reason: 'no_reply' },
      random: 0,
    };
    const swept: Evidence = { cause: 'sweeper', act: 'abandoned' };
    for (const evidence of [lost, swept]) {
      const { next } = decide(hinted, evidence, fromNow(50));
      expect(next).toMatchObject({ status: 'inDoubt', transId: null, nextStepAt: fromNow(50) });
    }
  });

  it('does not hurry a request that provably never left', () => {
    const hinted = decide(submitting, callback('1'), NOW).next;
    const unsent: Evidence = {
      cause: 'reply',
      outcome: { kind: 'notSent', reason: 'econnrefused' },
      random: 0,
    };
    expect(decide(hinted, unsent, NOW).next.nextStepAt).toEqual(fromNow(250));
  });
});

it.each(paymentStatuses)(
  'triggers no inquiry about a payment that was never sent: %s',
  (status) => {
    const payment = aPayment(status, { attempt: 0 });
    for (const evidence of [callback('1'), { cause: 'callback', report: null } as const]) {
      const decision = decide(payment, evidence, NOW);
      expect(decision.next).toBe(payment);
      expect(decision).toMatchObject({ isDisbelieved: true, unmoved: 'not_at_gateway' });
    }
  },
);

it.each(['3', '7', '8', '5'])(
  'triggers an inquiry while a refund of ours is under way: %s',
  (code) => {
    const payment = aPayment('succeeded', { refundReservedMinor: 500n });
    const { next, unmoved } = decide(payment, callback(code), NOW);
    expect(unmoved).toBe('to_be_confirmed');
    expect(next).toMatchObject({ status: 'succeeded', refundedMinor: 0n, nextStepAt: NOW });
  },
);

describe('a reply that nothing was charged', () => {
  it('raises an alert if the payment was charged', () => {
    const refused: Evidence = {
      cause: 'reply',
      outcome: { kind: 'refused', code: '1113', message: 'No', isConfiguration: false },
      random: 0,
    };
    const { next, alert } = decide(aPayment('succeeded'), refused, NOW);
    expect(next.status).toBe('succeeded');
    expect(alert).toBe('contradicts_final_status');
  });
});
