import { InvariantViolation, Unavailable } from '@quittance/platform';
import { eventually } from '../../../test/support/eventually.js';
import { handleJob, type JobHandler, RateLimited } from './job-consumer.js';
import { aPaymentId, MERCHANT, gate, openTestQueues } from './queues.fixture.js';

type Run = (payload: { paymentId: string }) => Promise<void>;

describe('JobConsumer', () => {
  let test = openTestQueues();
  beforeEach(async () => {
    test = openTestQueues();
    await eventually(() => test.connections.check());
  });
  afterEach(() => test.close());

  const handlers = (inquire: Run, submit: Run = async () => {}): JobHandler[] => [
    handleJob('payment.inquire.v1', inquire),
    handleJob('payment.submit.v1', submit),
    handleJob('payment.watch.v1', async () => {}),
    handleJob('refund.advance.v1', async () => {}),
  ];
  const addInquiry = async (jobId: string): Promise<string> => {
    const paymentId = aPaymentId();
    const job = { name: 'payment.inquire.v1' as const, payload: { paymentId }, jobId };
    await test.producer.add([{ ...job, merchantId: MERCHANT }]);
    return paymentId;
  };
  const inquiries = () => test.queues.get('inquiry');
  const counts = () =>
    inquiries().getJobCounts('prioritized', 'active', 'delayed', 'failed', 'completed');
  const nothing = { prioritized: 0, active: 0, delayed: 0, failed: 0, completed: 0 };

  it('passes each payload to its handler and removes jobs that succeeded', async () => {
    const handled: string[] = [];
    const added = await Promise.all(['a', 'b', 'c'].map((id) => addInquiry(id)));
    test.consumer({ handlers: handlers(async (job) => void handled.push(job.paymentId)) }).start();
    await eventually(() => expect(handled).toHaveLength(3));
    expect(new Set(handled)).toEqual(new Set(added));
    await eventually(async () => expect(await counts()).toEqual(nothing));
  });

  it('counts the jobs that ended, for the time to drain', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => addInquiry(id)));
    test.consumer({ handlers: handlers(async () => {}) }).start();
    await eventually(async () => {
      const { meta } = await inquiries().getMetrics('completed', 0, 0);
      expect(meta.count).toBe(3);
    });
  });

  it('fails a job that it cannot read at once, without a retry', async () => {
    await inquiries().add('payment.inquire.v1', { paymentId: 'nonsense' }, { attempts: 7 });
    const longAgo = Date.now() - 2 * 3_600_000;
    await inquiries().add('payment.forget.v9', {}, { attempts: 7, timestamp: longAgo });
    test.consumer({ handlers: handlers(async () => {}) }).start();
    await eventually(async () => expect(await counts()).toEqual({ ...nothing, failed: 2 }));
    const reasons = (await inquiries().getFailed()).map((job) => job.failedReason);
    expect(reasons).toContainEqual(expect.stringContaining('payment.inquire.v1 cannot be read'));
    expect(reasons).toContainEqual(
      expect.stringContaining('no process handles the job payment.forget.v9'),
    );
  });

  it('leaves a job of a newer version to the processes that know it', async () => {
    await inquiries().add('payment.inquire.v9', {}, { jobId: 'newer', attempts: 1 });
    const handled: string[] = [];
    test.consumer({ handlers: handlers(async (one) => void handled.push(one.paymentId)) }).start();
    await eventually(async () => expect(await counts()).toEqual({ ...nothing, delayed: 1 }));
    // Meanwhile it blocks no other job.
    await addInquiry('ours');
    await eventually(() => expect(handled).toHaveLength(1));
  });

  it('handles a job that an older version added, with its id and options', async () => {
    const handled: string[] = [];
    const paymentId = aPaymentId();
    const options = { jobId: 'older', attempts: 3, backoff: { type: 'fixed', delay: 5 } };
    await inquiries().add('payment.inquire.v1', { paymentId }, options);
    test.consumer({ handlers: handlers(async (job) => void handled.push(job.paymentId)) }).start();
    await eventually(() => expect(handled).toEqual([paymentId]));
  });

  it.each<[string, () => Error, object]>([
    [
      'delays the job without counting the attempt when a dependency is unavailable',
      () => new Unavailable('database_away', 'postgres is unavailable'),
      { state: 'delayed', attemptsMade: 0 },
    ],
    [
      'fails the job at once on a fault that a retry cannot fix',
      () => new InvariantViolation('impossible', 'two open attempts'),
      { state: 'failed', attemptsMade: 1 },
    ],
    [
      'retries after any other error',
      () => new Error('surprise'),
      { state: 'delayed', attemptsMade: 1 },
    ],
  ])('%s', async (_case, error, expected) => {
    await addInquiry('faulty');
    test.consumer({ handlers: handlers(() => Promise.reject(error())) }).start();
    await eventually(async () => {
      const job = await inquiries().getJob('faulty');
      expect({ state: await job?.getState(), attemptsMade: job?.attemptsMade }).toEqual(expected);
    });
  });

  it('stores with a failed job neither account numbers nor properties of the error', async () => {
    const error = Object.assign(new Error('no room for 4012000033330026'), { detail: 'cvv 123' });
    await addInquiry('telling');
    test.consumer({ handlers: handlers(() => Promise.reject(error)) }).start();
    const job = await eventually(async () => {
      const found = await inquiries().getJob('telling');
      expect(found?.failedReason).toContain('no room');
      return found;
    });
    expect(JSON.stringify(job)).not.toMatch(/4012000033330026|cvv/);
  });

  it('takes the jobs of a lane once the lane is started, even late', async () => {
    const handled: string[] = [];
    const consumer = test.consumer({
      handlers: handlers(
        async () => {},
        async (job) => void handled.push(job.paymentId),
      ),
    });
    consumer.start();
    expect(consumer.queueNames()).toEqual(['inquiry', 'watch', 'refund']);
    consumer.serveLane('late');
    consumer.serveLane('late');
    expect(consumer.queueNames()).toEqual(['inquiry', 'watch', 'refund', 'submission-late']);
    const paymentId = aPaymentId();
    await test.producer.add([
      {
        name: 'payment.submit.v1',
        payload: { paymentId },
        merchantId: MERCHANT,
        jobId: 'submit-1',
        lane: 'late',
      },
    ]);
    await eventually(() => expect(handled).toEqual([paymentId]));
  });

  it('takes nothing while it is paused', async () => {
    const handled: string[] = [];
    const consumer = test.consumer({
      handlers: handlers(async (job) => void handled.push(job.paymentId)),
    });
    consumer.start();
    await addInquiry('before');
    await eventually(() => expect(handled).toHaveLength(1));
    await consumer.pause();
    await addInquiry('while');
    expect(await counts()).toEqual({ ...nothing, prioritized: 1 });
    await consumer.resume();
    await eventually(() => expect(handled).toHaveLength(2));
  });

  it('takes no job of a paused lane, also after the process has resumed', async () => {
    const handled: string[] = [];
    const consumer = test.consumer({
      handlers: handlers(
        async () => {},
        async (job) => void handled.push(job.paymentId),
      ),
    });
    consumer.serveLane('held', { isPaused: true });
    consumer.serveLane('open');
    const add = (lane: string) => {
      const [jobId, paymentId] = [`submit-${lane}`, aPaymentId()];
      const job = { name: 'payment.submit.v1' as const, payload: { paymentId }, jobId, lane };
      return test.producer.add([{ ...job, merchantId: MERCHANT }]).then(() => paymentId);
    };
    const held = await add('held');
    await consumer.pause();
    await consumer.resume();
    const open = await add('open');
    await eventually(() => expect(handled).toEqual([open]));
    consumer.serveLane('held');
    await eventually(() => expect(handled).toEqual([open, held]));
  });

  it('holds back the queue of a handler that has used up its rate, without using an attempt', async () => {
    const attempts: number[] = [];
    let refusals = 2;
    const consumer = test.consumer({
      handlers: handlers(async () => {
        if (refusals > 0) {
          refusals -= 1;
          throw new RateLimited(50);
        }
        attempts.push(1);
      }),
    });
    consumer.start();
    await addInquiry('limited');
    await eventually(() => expect(attempts).toEqual([1]));
    await eventually(async () => expect(await counts()).toEqual(nothing));
    expect(refusals).toBe(0);
  });

  it('finishes the jobs in hand before it closes, and takes no others', async () => {
    const [started, finish] = [gate(), gate()];
    let finished = 0;
    const consumer = test.consumer({
      concurrency: {
        'payment.submit.v1': 1,
        'payment.inquire.v1': 1,
        'payment.watch.v1': 1,
        'refund.advance.v1': 1,
      },
      handlers: handlers(async () => {
        started.open();
        await finish.opened;
        finished += 1;
      }),
    });
    consumer.start();
    await addInquiry('first');
    await addInquiry('second');
    await started.opened;
    const closing = consumer.close(5000);
    finish.open();
    await closing;
    expect(finished).toBe(1);
    expect(await counts()).toEqual({ ...nothing, prioritized: 1 });
  });

  it('abandons a job that exceeds the limit, so that another process takes it over', async () => {
    const [started, finish] = [gate(), gate()];
    const consumer = test.consumer({
      handlers: handlers(() => {
        started.open();
        return finish.opened;
      }),
    });
    consumer.start();
    await addInquiry('endless');
    await started.opened;
    await consumer.close(20);
    expect(await counts()).toEqual({ ...nothing, active: 1 });
    finish.open();
  });
});
