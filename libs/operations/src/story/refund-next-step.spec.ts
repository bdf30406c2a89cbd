import { ALREADY_REQUESTED } from '@quittance/payments';
import { nextStepOfRefund } from './refund-next-step.js';

const now = new Date('2026-11-21T10:00:00Z');
const queued = {
  status: 'queued',
  attempt: 0,
  inquiries: 0,
  doubtReason: null,
  nextStepAt: new Date(now.getTime() + 30_000),
  submitBefore: new Date(now.getTime() + 3_600_000),
} as const;

describe('the next step of a refund', () => {
  it.each<[string, Partial<Parameters<typeof nextStepOfRefund>[0]>, RegExp]>([
    ['new', {}, /^Waiting for a worker\. .*\(in 30 s\).*then it fails/],
    ['waiting for another attempt', { attempt: 2 }, /attempt 2 was provably not sent/],
    ['being sent', { status: 'submitting', attempt: 1 }, /^Waiting for the reply to attempt 1/],
    [
      'in doubt',
      { status: 'inDoubt', doubtReason: 'no_reply', inquiries: 2 },
      /^Inquiry 3 about the payment at .*\(in 30 s\)/,
    ],
    [
      'in a doubt that an inquiry cannot end',
      { status: 'inDoubt', doubtReason: ALREADY_REQUESTED, nextStepAt: null },
      /^No automatic step: .*An operator with evidence/,
    ],
    ['accepted', { status: 'accepted', nextStepAt: null }, /^The inquiries about the payment/],
    ['succeeded', { status: 'succeeded', nextStepAt: null }, /^None\.$/],
    ['failed', { status: 'failed', nextStepAt: null }, /^None\.$/],
  ])('%s', (_what, changes, words) =>
    expect(nextStepOfRefund({ ...queued, ...changes }, now)).toMatch(words),
  );
});
