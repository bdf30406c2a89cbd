import type { NewJob } from './jobs.js';
import { aPaymentId, openTestQueues } from './queues.fixture.js';

describe('JobProducer', () => {
  const test = openTestQueues();
  beforeAll(() => test.connections.check());
  afterAll(() => test.close());

  const submit = (lane: string, jobId: string): NewJob => ({
    name: 'payment.submit.v1',
    payload: { paymentId: aPaymentId() },
    jobId,
    lane,
  });

  it('adds each job to its own queue, in order', async () => {
    const inquiry: NewJob = {
      name: 'payment.inquire.v1',
      payload: { paymentId: aPaymentId() },
      jobId: 'inquire-1',
    };
    await test.producer.add([
      submit('a', 'one'),
      submit('b', 'two'),
      inquiry,
      submit('a', 'three'),
    ]);
    const idsOn = async (name: string) =>
      (await test.queues.get(name).getWaiting()).map((job) => job.id);
    expect(await idsOn('submission-a')).toEqual(['one', 'three']);
    expect(await idsOn('submission-b')).toEqual(['two']);
    expect(await idsOn('inquiry')).toEqual(['inquire-1']);
  });

  it('drops a job whose id still exists', async () => {
    await test.producer.add([submit('c', 'same')]);
    await test.producer.add([submit('c', 'same'), submit('c', 'other')]);
    expect(await test.queues.get('submission-c').getWaitingCount()).toBe(2);
  });

  it('delays a job with `delayMs`', async () => {
    await test.producer.add([{ ...submit('d', 'later'), delayMs: 60_000 }]);
    expect(await test.queues.get('submission-d').getJobCounts('waiting', 'delayed')).toEqual({
      waiting: 0,
      delayed: 1,
    });
  });

  it('adds nothing when there is nothing to add', async () => {
    await expect(test.producer.add([])).resolves.toBeUndefined();
  });
});
