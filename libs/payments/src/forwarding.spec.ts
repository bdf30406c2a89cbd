import { aPayment } from '../test/a-payment.js';
import { forwardDelayMs, forwardedStatuses, isForwarded } from './forwarding.js';
import { paymentStatuses } from './status.js';

const webhook = { url: 'https://shop.example/callback', encryption: 'none' } as const;

it('forwards the ends that the gateway calls back for, and nothing else', () => {
  const forwarded = paymentStatuses.filter((status) =>
    isForwarded(aPayment(status, { transId: '1', webhook })),
  );
  expect(forwarded.toSorted()).toEqual([...forwardedStatuses].toSorted());
});

it('forwards nothing without a webhook or without a transaction', () => {
  expect(isForwarded(aPayment('succeeded', { transId: '1' }))).toBe(false);
  expect(isForwarded(aPayment('failed', { transId: null, webhook }))).toBe(false);
});

it.each([
  [1, 2_500, 5_000],
  [2, 5_000, 10_000],
  [3, 10_000, 20_000],
  [11, 1_800_000, 3_600_000],
  [5_000, 1_800_000, 3_600_000],
])('pauses after failure %d for %d to %d ms', (failures, least, most) => {
  expect(forwardDelayMs(failures, 0)).toBe(least);
  expect(forwardDelayMs(failures, 1)).toBe(most);
});
