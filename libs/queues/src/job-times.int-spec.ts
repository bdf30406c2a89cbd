// Goal: each run of a job is measured by its queue and its result. Method: real jobs whose handlers
// succeed, return the job to its queue, or fail.
import { Metrics, Unavailable } from '@quittance/platform';
import { eventually } from '../../../test/support/eventually.js';
import { handleJob } from './job-consumer.js';
import { JobTimes } from './job-times.js';
import { inquiryJob } from './jobs.js';
import { aPaymentId, MERCHANT, openTestQueues, recordingHandlers } from './queues.fixture.js';

let queues: ReturnType<typeof openTestQueues>;
beforeEach(async () => {
  queues = openTestQueues();
  await eventually(() => queues.connections.check());
});
afterEach(() => queues.close());

it.each([
  ['done', () => {}],
  [
    'put_off',
    () => {
      throw new Unavailable('unavailable', 'Try later.', { retryAfterSeconds: 3600 });
    },
  ],
  [
    'failed',
    () => {
      throw new Error('a bug');
    },
  ],
])('measures a job that is %s', async (result, run) => {
  const metrics = new Metrics();
  const [, ...others] = recordingHandlers([]);
  const inquire = handleJob('payment.inquire.v1', async () => run());
  const times = new JobTimes(metrics);
  queues.consumer({ handlers: [inquire, ...others], times }).start();
  await queues.producer.add([
    inquiryJob({
      paymentId: aPaymentId(),
      merchantId: MERCHANT,
      version: 1,
      at: new Date(),
      inquiries: 0,
    }),
  ]);
  await eventually(async () => {
    const text = await metrics.registry.metrics();
    expect(text).toContain(`quittance_job_run_seconds_count{queue="inquiry",result="${result}"} 1`);
    expect(text).toContain('quittance_job_wait_seconds_count{queue="inquiry"} 1');
  });
});
