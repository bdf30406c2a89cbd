import { Worker } from 'bullmq';
import { eventually } from '../../../test/support/eventually.js';
import { JobProducer } from './job-producer.js';
import type { NewJob } from './jobs.js';
import { aPaymentId, MERCHANT, openTestQueues } from './queues.fixture.js';

describe('JobProducer', () => {
  const test = openTestQueues();
  beforeAll(() => eventually(() => test.connections.check()));
  afterAll(() => test.close());

  const submit = (lane: string, jobId: string): NewJob => ({
    name: 'payment.submit.v1',
    payload: { paymentId: aPaymentId() },
    merchantId: MERCHANT,
    jobId,
    lane,
  });

  it('adds each job to its own queue, in order', async () => {
    const inquiry: NewJob = {
      name: 'payment.inquire.v1',
      payload: { paymentId: aPaymentId() },
      merchantId: MERCHANT,
      jobId: 'inquire-1',
    };
    await test.producer.add([
      submit('a', 'one'),
      submit('b', 'two'),
      inquiry,
      submit('a', 'three'),
    ]);
    const idsOn = async (name: string) =>
      (await test.queues.get(name).getPrioritized()).map((job) => job.id);
    expect(await idsOn('submission-a')).toEqual(['one', 'three']);
    expect(await idsOn('submission-b')).toEqual(['two']);
    expect(await idsOn('inquiry')).toEqual(['inquire-1']);
  });

  it('drops a job whose id still exists', async () => {
    await test.producer.add([submit('c', 'same')]);
    await test.producer.add([submit('c', 'same'), submit('c', 'other')]);
    expect(await test.queues.get('submission-c').getPrioritizedCount()).toBe(2);
  });

  it('delays a job with `delayMs`', async () => {
    await test.producer.add([{ ...submit('d', 'later'), delayMs: 60_000 }]);
    expect(await test.queues.get('submission-d').getJobCounts('prioritized', 'delayed')).toEqual({
      prioritized: 0,
      delayed: 1,
    });
  });

  it('adds nothing when there is nothing to add', async () => {
    await expect(test.producer.add([])).resolves.toBeUndefined();
  });

  describe('with two merchants', () => {
    const jobOf = (merchantId: string, lane: string, n: number): NewJob => ({
      ...submit(lane, `${merchantId}-${n}`),
      merchantId,
    });
    const many = (merchantId: string, lane: string, count: number) =>
      Array.from({ length: count }, (_, n) => jobOf(merchantId, lane, n));
    const order = async (lane: string) => {
      const jobs = await test.queues.get(`submission-${lane}`).getPrioritized();
      return jobs.map(({ id = '' }) => id);
    };

    it('serves them by turns, also when two processes add their jobs', async () => {
      await test.producer.add(many('flood', 'e', 200));
      await test.producer.add([jobOf('one', 'e', 0)]);
      // A new process knows nothing of the first one's turns.
      await new JobProducer(test.queues).add([jobOf('two', 'e', 0)]);
      const first = (await order('e')).slice(0, 3);
      expect(first).toEqual(['flood-0', 'one-0', 'two-0']);
    });

    it('does not let a merchant that starts late get ahead of a backlog', async () => {
      await test.producer.add(many('flood', 'f', 100));
      const queue = test.queues.get('submission-f');
      // As if a worker had taken the first fifty.
      for (const job of (await queue.getPrioritized()).slice(0, 50)) await job.remove();
      await new JobProducer(test.queues).add(many('late', 'f', 3));
      expect((await order('f')).slice(0, 6)).toEqual([
        'flood-50',
        'late-0',
        'flood-51',
        'late-1',
        'flood-52',
        'late-2',
      ]);
    });

    it('serves jobs that an earlier version added without a turn first', async () => {
      const queue = test.queues.get('submission-g');
      await queue.add('payment.submit.v1', {}, { jobId: 'old' });
      await test.producer.add(many('new', 'g', 2));
      const worker = new Worker('submission-g', undefined, {
        connection: test.connections.worker,
        prefix: test.prefix,
        autorun: false,
      });
      const taken = [];
      for (let n = 0; n < 3; n += 1) taken.push((await worker.getNextJob('token'))?.id);
      await worker.close();
      expect(taken).toEqual(['old', 'new-0', 'new-1']);
    });
  });
});
