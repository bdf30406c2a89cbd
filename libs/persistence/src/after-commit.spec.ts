import { decide } from '@quittance/payments';
import { createLogger, Metrics } from '@quittance/platform';
import { aPayment } from '../../../test/support/payments.js';
import { AfterCommit } from './after-commit.js';

/** The listener for payments, and what it passed on. */
function listener() {
  const announced: string[] = [];
  const ordered: string[] = [];
  const inquired: unknown[] = [];
  let pokes = 0;
  const relay = { poke: () => void (pokes += 1) };
  const hints = {
    announce: (ids: readonly string[]) => void announced.push(...ids),
    order: (payments: readonly { readonly paymentId: string }[]) =>
      void ordered.push(...payments.map(({ paymentId }) => paymentId)),
    inquire: (inquiries: readonly unknown[]) => void inquired.push(...inquiries),
  };
  const log = createLogger({ name: 'test', level: 'silent' });
  const { payments } = new AfterCommit(relay, hints, new Metrics(), log);
  return { announced, ordered, inquired, payments, pokes: () => pokes };
}

it('orders the submission of a new payment, which no caller waits for yet', () => {
  const { announced, ordered, payments, pokes } = listener();
  const payment = aPayment();
  payments([{ payment, decision: null }]);
  expect([ordered, announced, pokes()]).toEqual([[payment.id], [payment.merchantId], 1]);
});

it('orders the inquiry that a callback causes, and none within the pause after it', () => {
  const { inquired, payments } = listener();
  const before = aPayment({ status: 'processing', attempt: 1, nextStepAt: null });
  const at = new Date();
  const first = decide(before, { cause: 'callback', report: null }, at);
  payments([{ payment: first.next, before, decision: first }]);
  const second = decide(first.next, { cause: 'callback', report: null }, at);
  payments([{ payment: second.next, before: first.next, decision: second }]);
  const { id: paymentId, merchantId, version, inquiries } = before;
  expect(inquired).toEqual([{ paymentId, merchantId, version, inquiries, asks: 1, at }]);
});

it('announces a transition, and orders nothing', () => {
  const { announced, ordered, payments, pokes } = listener();
  const before = aPayment();
  const now = new Date();
  const decision = decide(before, { cause: 'request', act: 'open', replyBefore: now }, now);
  payments([{ payment: decision.next, before, decision }]);
  expect([ordered, announced, pokes()]).toEqual([[], [before.id, before.merchantId], 1]);
});
