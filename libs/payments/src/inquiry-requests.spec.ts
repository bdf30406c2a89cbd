// Goal: earlier knowledge never cancels a request for an inquiry now, and the request uses up no
// entry of the schedule. Method: tables over the statuses with inquiries, and over the evidence
// between the request and its answer.
import fc from 'fast-check';
import { aPayment, aReport, fromNow, NOW } from '../test/a-payment.js';
import { someEvidence } from '../test/arbitrary-evidence.js';
import { requestInquiry, isInquiryRequested } from './inquiry-requests.js';
import { decide } from './decide.js';
import type { Evidence, InquiryAnswer } from './evidence.js';
import { inquiryDelayMs } from './schedules.js';
import { isHandedOver, paymentStatuses } from './status.js';

const askable = paymentStatuses.filter(isHandedOver);
const silence: InquiryAnswer = { kind: 'unanswered', reason: 'timeout' };

describe('the answer to an inquiry that started before the request', () => {
  it.each(askable)('leaves a payment in %s due, whatever it says', (status) => {
    const before = aPayment(status, { nextStepAt: fromNow(60_000) });
    const asked = requestInquiry(before, NOW);
    for (const answer of [silence, { kind: 'noWayToAsk' }, reported('1'), reported('2')] as const) {
      const late = decide(asked, { cause: 'inquiry', answer, asks: before.asks }, fromNow(5));
      expect(late.next.nextStepAt).toEqual(NOW);
      expect(isInquiryRequested(late.next)).toBe(true);
    }
  });

  it('moves the schedule on as it would have without the request', () => {
    const before = aPayment('processing', { inquiries: 3 });
    const late = decide(
      requestInquiry(before, NOW),
      { cause: 'inquiry', answer: silence, asks: 0 },
      NOW,
    );
    expect(late.next.inquiries).toBe(4);
  });
});

describe('the answer to the request', () => {
  it.each(askable)('uses up no entry of the schedule in %s', (status) => {
    const before = aPayment(status, { inquiries: 2, nextStepAt: fromNow(60_000) });
    let payment = before;
    for (let round = 0; round < 40; round += 1)
      payment = decide(
        requestInquiry(payment, NOW),
        { cause: 'inquiry', answer: silence },
        NOW,
      ).next;
    expect(payment.inquiries).toBe(2);
    expect(isInquiryRequested(payment)).toBe(false);
    const delay = inquiryDelayMs(status, 2);
    expect(payment.nextStepAt).toEqual(delay === null ? null : fromNow(delay));
  });

  it('settles every request before the inquiry, and none after it', () => {
    const twice = requestInquiry(requestInquiry(aPayment('succeeded'), NOW), NOW);
    const answered = decide(twice, { cause: 'inquiry', answer: silence }, NOW).next;
    expect(isInquiryRequested(answered)).toBe(false);
    const first = decide(twice, { cause: 'inquiry', answer: silence, asks: 1 }, NOW).next;
    expect(first).toMatchObject({ asks: 2, asksAnswered: 1, nextStepAt: NOW });
  });
});

it.each(['queued', 'submitting'] as const)(
  'is settled by the step itself when the payment is %s',
  (status) => {
    const asked = aPayment(status, { asks: 1, nextStepAt: NOW });
    const evidence: Evidence =
      status === 'queued'
        ? { cause: 'request', act: 'open', replyBefore: fromNow(30_000) }
        : { cause: 'sweeper', act: 'abandoned' };
    const { next } = decide(asked, evidence, NOW);
    expect(next).toMatchObject({ asks: 1, asksAnswered: 1 });
    expect(next.nextStepAt?.getTime()).toBeGreaterThan(NOW.getTime());
  },
);

it('other evidence neither delays nor answers the request', () => {
  const elsewhere = someEvidence.filter(({ cause }) => cause !== 'inquiry');
  fc.assert(
    fc.property(fc.constantFrom(...askable), elsewhere, (status, evidence) => {
      const asked = requestInquiry(aPayment(status), NOW);
      const { next } = decide(asked, evidence, fromNow(1_000));
      expect(isInquiryRequested(next)).toBe(true);
      expect(next.nextStepAt?.getTime()).toBeLessThanOrEqual(NOW.getTime());
    }),
  );
});

function reported(orderStatus: string): InquiryAnswer {
  return { kind: 'reported', report: aReport(orderStatus) };
}
