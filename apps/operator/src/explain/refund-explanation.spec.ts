import { ALREADY_REQUESTED } from '@quittance/payments';
import { nextStepOfRefund } from './refund-explanation.js';

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
    ['just asked for', {}, /^Waiting for a worker\. .*\(in 30 s\).*then it fails/],
    ['to be sent again', { attempt: 2 }, /attempt 2 provably never left/],
    ['being sent', { status: 'submitting', attempt: 1 }, /^The reply to attempt 1 is awaited/],
    [
      'in doubt',
      { status: 'inDoubt', doubtReason: 'no_reply_timeout', inquiries: 2 },
      /^Inquiry 3 about the payment at .*\(in 30 s\)/,
    ],
    [
      'in a doubt that asking cannot lift',
      { status: 'inDoubt', doubtReason: ALREADY_REQUESTED, nextStepAt: null },
      /^Nothing by itself: .*A person with evidence/,
    ],
    ['taken', { status: 'accepted', nextStepAt: null }, /^The watch over the payment/],
    ['done', { status: 'succeeded', nextStepAt: null }, /^Nothing\.$/],
    ['failed', { status: 'failed', nextStepAt: null }, /^Nothing\.$/],
  ])('%s', (_what, changes, words) =>
    expect(nextStepOfRefund({ ...queued, ...changes }, now)).toMatch(words),
  );
});
