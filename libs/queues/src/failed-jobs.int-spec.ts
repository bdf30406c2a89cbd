// Goal: an operator changes just the failed jobs that were counted, however often. Method: a real
// queue whose handler fails for reasons that the test chooses.
import { InvariantViolation } from '@quittance/platform';
import { eventually } from '../../../test/support/eventually.js';
import { FailedSet } from './failed-jobs.js';
import { handleJob } from './job-consumer.js';
import { inquiryJob, queueOf } from './jobs.js';
import { aPaymentId, MERCHANT, openTestQueues, recordingHandlers } from './queues.fixture.js';

const rig = openTestQueues();
const name = queueOf('payment.inquire.v1');
const queue = rig.queues.get(name);
const set = new FailedSet(queue);
const reasons = new Map<string, string>();
const handled: string[] = [];

beforeAll(async () => {
  await eventually(() => rig.connections.check());
  const [, ...others] = recordingHandlers([]);
  const inquire = handleJob('payment.inquire.v1', ({ paymentId }) => {
    const reason = reasons.get(paymentId);
    handled.push(paymentId);
    if (reason === undefined) return Promise.resolve();
    return Promise.reject(new InvariantViolation('broken', reason.replace('ID', paymentId)));
  });
  rig.consumer({ handlers: [inquire, ...others] }).start();
});
afterAll(() => rig.close());
beforeEach(async () => {
  await queue.obliterate({ force: true });
  reasons.clear();
  handled.length = 0;
});

/** Adds jobs that fail for this reason, and waits until they have. */
async function fail(count: number, reason: string): Promise<string[]> {
  const before = await queue.getFailedCount();
  const ids = Array.from({ length: count }, aPaymentId);
  for (const paymentId of ids) reasons.set(paymentId, reason);
  const step = { merchantId: MERCHANT, version: 1, inquiries: 0, at: new Date() };
  await rig.producer.add(ids.map((paymentId) => inquiryJob({ paymentId, ...step })));
  await eventually(async () => expect(await queue.getFailedCount()).toBe(before + count));
  return ids;
}
async function counted(reason?: string) {
  const { matches, until } = await set.read(reason, 0);
  return { matches, selection: { reason, until: new Date(until ?? 0) } };
}

it('counts by reason, without ids, and shows the payments of the oldest', async () => {
  const odd = await fail(3, 'payment ID is odd');
  await fail(2, 'no key');
  const read = await set.read('InvariantViolation: broken: payment pi_… is odd', 2);
  expect(read).toMatchObject({
    total: 5,
    matches: 3,
    reasons: [
      { reason: 'InvariantViolation: broken: payment pi_… is odd', count: 3 },
      { reason: 'InvariantViolation: broken: no key', count: 2 },
    ],
    data: [
      { name: 'payment.inquire.v1', attempts: 1, subjects: [expect.stringMatching(/^pi_/)] },
      { subjects: [expect.stringMatching(/^pi_/)] },
    ],
  });
  expect(odd).toEqual(expect.arrayContaining(read.data.flatMap(({ subjects }) => subjects)));
});

it('retries just those that were counted, and does nothing when repeated', async () => {
  const odd = await fail(3, 'odd');
  await fail(2, 'no key');
  const { matches, selection } = await counted('InvariantViolation: broken: odd');
  expect(matches).toBe(3);
  // The time of a failure is in milliseconds.
  await eventually(() => expect(Date.now()).toBeGreaterThan(selection.until.getTime()));
  const [later] = await fail(1, 'odd');
  reasons.clear();
  handled.length = 0;
  expect(await set.retry(selection)).toBe(3);
  await eventually(() => expect(handled.toSorted()).toEqual(odd.toSorted()));
  expect(await set.retry(selection)).toBe(0);
  const left = await set.read(undefined, 10);
  expect(left.total).toBe(3);
  expect(left.data.flatMap(({ subjects }) => subjects)).toContain(later);
});

it('discards them; two operators together change each once', async () => {
  await fail(40, 'odd');
  const { selection } = await counted();
  const changed = await Promise.all([set.discard(selection), set.discard(selection)]);
  expect(Math.max(...changed)).toBeGreaterThan(0);
  expect(await set.read(undefined, 10)).toMatchObject({ total: 0, until: null, data: [] });
  expect(await queue.getJobCounts('waiting', 'active', 'delayed')).toMatchObject({ waiting: 0 });
});
