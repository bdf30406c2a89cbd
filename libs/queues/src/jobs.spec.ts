import { InvariantViolation, createLogger, Secret } from '@quittance/platform';
import { handleJob, JobConsumer } from './job-consumer.js';
import { jobId, type JobName, jobNames, JOBS, queueOf } from './jobs.js';
import { RedisConnections } from '@quittance/redis';

const PAYMENT = 'pi_01jzk3v5m8e7wrt2q9a4c6x0yb';

describe('the job table', () => {
  it.each<[JobName, string | undefined, string]>([
    ['payment.submit.v1', 'default', 'submission-default'],
    ['payment.submit.v1', 'acme-2', 'submission-acme-2'],
    ['payment.inquire.v1', undefined, 'inquiry'],
    ['payment.watch.v1', undefined, 'watch'],
    ['refund.advance.v1', undefined, 'refund'],
  ])('assigns %s of lane %s to %s', (name, lane, queue) => {
    expect(queueOf(name, lane)).toBe(queue);
  });

  it.each<[string, JobName, string | undefined]>([
    ['no lane for a job with lanes', 'payment.submit.v1', undefined],
    ['a lane for a job without lanes', 'payment.inquire.v1', 'default'],
    ['an empty lane', 'payment.submit.v1', ''],
    ['a lane with a colon', 'payment.submit.v1', 'a:b'],
    ['a lane in capitals', 'payment.submit.v1', 'Default'],
    ['a lane of 41 characters', 'payment.submit.v1', 'x'.repeat(41)],
  ])('rejects %s', (_case, name, lane) => {
    expect(() => queueOf(name, lane)).toThrow(TypeError);
  });

  it.each(jobNames)('gives %s a name and a queue that BullMQ accepts', (name) => {
    expect(name).toMatch(/^[a-z]+\.[a-z]+\.v\d+$/);
    expect(JOBS[name].queue).toMatch(/^[a-z]+$/);
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['an id with another prefix', { paymentId: PAYMENT.replace('pi', 'att') }],
    ['more than the id', { paymentId: PAYMENT, card: '4012000033330026' }],
    ['a text', PAYMENT],
  ])('rejects a payload of %s', (_case, payload) => {
    for (const name of jobNames) expect(JOBS[name].payload.safeParse(payload).success).toBe(false);
  });
});

describe('jobId', () => {
  it('joins its parts', () => {
    expect(jobId('submit', PAYMENT, 3)).toBe(`submit-${PAYMENT}-3`);
  });

  it.each<[string, (string | number)[]]>([
    ['a colon', ['submit', 'a:b']],
    ['a bare number, which BullMQ would mistake for its own id', [12]],
    ['nothing', []],
  ])('rejects %s', (_case, parts) => {
    expect(() => jobId(...parts)).toThrow(TypeError);
  });
});

describe('JobConsumer', () => {
  const submit = handleJob('payment.submit.v1', async () => {});
  const inquire = handleJob('payment.inquire.v1', async () => {});
  const watch = handleJob('payment.watch.v1', async () => {});
  const refund = handleJob('refund.advance.v1', async () => {});
  const log = createLogger({ name: 'test', level: 'silent' });
  const consumer = (handlers: Parameters<typeof handlersOf>[0]) =>
    new JobConsumer({
      connections: new RedisConnections({ url: new Secret('redis://127.0.0.1:1'), log }),
      prefix: 'test',
      log,
      handlers: handlersOf(handlers),
      concurrency: {
        'payment.submit.v1': 1,
        'payment.inquire.v1': 1,
        'payment.watch.v1': 1,
        'refund.advance.v1': 1,
      },
    });
  const handlersOf = (handlers: readonly (typeof submit)[]) => handlers;

  it('starts with one handler per job', () => {
    expect(consumer([submit, inquire, watch, refund]).queueNames()).toEqual([]);
  });

  it.each([
    ['without a handler: payment.inquire.v1; with two: none', [submit, watch, refund]],
    [
      'without a handler: none; with two: payment.submit.v1',
      [submit, inquire, watch, refund, { ...submit }],
    ],
  ])('does not start with jobs %s', (problem, handlers) => {
    expect(() => consumer(handlers)).toThrow(InvariantViolation);
    expect(() => consumer(handlers)).toThrow(problem);
  });
});
