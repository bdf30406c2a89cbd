// Goal: a callback triggers an inquiry, at a bounded rate, and no inquiry is lost. A table
// (apps/webhook/src/reception/callback-table.spec.ts) lists the result that is stored per status.
import fc from 'fast-check';
import { NOW, aPayment, aReport, fromNow } from '../test/a-payment.js';
import { someCallback, somePayment } from '../test/arbitrary-evidence.js';
import { decide } from './decide.js';
import { ORDER_IS_LOST_AFTER_MS } from './decide-on-callback.js';
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
  /** The time from the order of an inquiry to its start, and from there to its decision. */
  interface Delays {
    readonly startMs: number;
    readonly answerMs: number;
  }

  /**
   * Sends callbacks for a minute. A job is ordered by the callback itself or by a due time, which
   * is then moved as the worker's claim moves it. Returns the times at which each inquiry was
   * ordered and started.
   */
  function questionsIn(callbacks: readonly number[], before: Payment, delays: readonly Delays[]) {
    let payment = before;
    const questions: { orderedMs: number; ms: number }[] = [];
    const steps = new Map<number, (() => void)[]>();
    const later = (ms: number, step: () => void) => steps.set(ms, [...(steps.get(ms) ?? []), step]);
    const order = (ms: number) => {
      const { startMs, answerMs } = delays[questions.length % delays.length] ?? NO_DELAYS;
      const question = { orderedMs: ms, ms: ms + startMs };
      questions.push(question);
      later(question.ms, () => {
        const { asks } = payment;
        const answer = { kind: 'notFound' } as const;
        later(question.ms + answerMs, () => {
          const evidence = { cause: 'inquiry', answer, asks } as const;
          payment = decide(payment, evidence, fromNow(question.ms + answerMs)).next;
        });
      });
    };
    const tick = (ms: number) => {
      const now = fromNow(ms);
      if (payment.nextStepAt !== null && payment.nextStepAt <= now) {
        payment = { ...payment, nextStepAt: fromNow(ms + 60_000) };
        order(ms);
      }
      const takeSteps = () => {
        for (let step = steps.get(ms)?.shift(); step; step = steps.get(ms)?.shift()) step();
      };
      takeSteps();
      if (!callbacks.includes(ms)) return;
      const { next, ordersInquiry } = decide(payment, callback('5'), now);
      payment = next;
      if (ordersInquiry) order(ms);
      takeSteps();
    };
    for (let ms = 0; ms <= 70_000; ms += 100) tick(ms);
    return questions;
  }
  const NO_DELAYS: Delays = { startMs: 0, answerMs: 0 };
  const quiet = aPayment('succeeded', { nextStepAt: null });
  const every = (ms: number) => Array.from({ length: 60_000 / ms }, (_, at) => at * ms);
  const tenths = (max: number) => fc.nat({ max }).map((tenth) => tenth * 100);

  it.each([100, 300, 1_000, 4_900])('are five seconds apart when one comes every %i ms', (ms) => {
    const asked = questionsIn(every(ms), quiet, [NO_DELAYS]).map(({ orderedMs }) => orderedMs);
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5_000);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThanOrEqual(14);
  });

  it('start after each callback, whatever came before it, and however slow they are', () => {
    const times = fc.array(tenths(540), { minLength: 1, maxLength: 30 });
    const delay = fc.record({ startMs: tenths(40), answerMs: tenths(30) });
    const delays = fc.array(delay, { minLength: 1, maxLength: 5 });
    const property = fc.property(times, delays, (callbacks, slow) => {
      const asked = questionsIn(callbacks, quiet, slow);
      for (const at of callbacks) {
        const isAsked = ({ orderedMs, ms }: (typeof asked)[number]) =>
          ms >= at && orderedMs <= at + 5_100;
        expect(asked.some(isAsked)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('are not delayed by the clock of another process that runs ahead', () => {
    const payment = aPayment('succeeded', { hintedAt: fromNow(3_600_000) });
    expect(decide(payment, callback('5'), NOW).next.nextStepAt).toEqual(fromNow(5_000));
  });

  it('do not replace an inquiry that is due sooner', () => {
    const payment = aPayment('processing', { nextStepAt: fromNow(-1) });
    expect(decide(payment, callback('2'), NOW).next).toEqual({ ...payment, asks: 1 });
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
    const { next, isDisbelieved, alert, ordersInquiry } = decide(
      hinted,
      reply(replied),
      fromNow(50),
    );
    expect(next).toMatchObject({ status, transId: '100135250426141606', flags: [] });
    expect({ isDisbelieved, alert }).toEqual({ isDisbelieved: false, alert: null });
    // The callback may be newer than the reply.
    expect({ ordersInquiry, hintedAt: next.hintedAt }).toEqual({
      ordersInquiry: true,
      hintedAt: fromNow(50),
    });
    expect(next.nextStepAt).toEqual(fromNow(50 + ORDER_IS_LOST_AFTER_MS));
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
      const { next, ordersInquiry } = decide(hinted, evidence, fromNow(50));
      expect(next).toMatchObject({ status: 'inDoubt', transId: null });
      expect(ordersInquiry).toBe(true);
    }
  });

  it('does not hurry a request that provably never left', () => {
    const hinted = decide(submitting, callback('1'), NOW).next;
    const unsent: Evidence = {
      cause: 'reply',
      outcome: { kind: 'notSent', reason: 'econnrefused' },
      random: 0,
    };
    const { next, ordersInquiry } = decide(hinted, unsent, NOW);
    expect({ nextStepAt: next.nextStepAt, ordersInquiry }).toEqual({
      nextStepAt: fromNow(250),
      ordersInquiry: false,
    });
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
    const { next, unmoved, ordersInquiry } = decide(payment, callback(code), NOW);
    expect({ unmoved, ordersInquiry }).toEqual({ unmoved: 'to_be_confirmed', ordersInquiry: true });
    expect(next).toMatchObject({ status: 'succeeded', refundedMinor: 0n });
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
