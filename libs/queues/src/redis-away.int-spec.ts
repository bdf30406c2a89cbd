// Goal: the queues fail fast while Redis is unavailable, and work again once it is back, empty.
// Method: a Redis of the test that it stops and starts.
import type { Redis } from 'ioredis';
import { Metrics, Secret } from '@quittance/platform';
import { eventually } from '../../../test/support/eventually.js';
import { type PrivateRedis, startPrivateRedis } from '../../../test/support/redis.js';
import { ChangeSignal } from './change-signal.js';
import { handleJob } from './job-consumer.js';
import { registerQueueMetrics } from './queue-metrics.js';
import { aPaymentId, MERCHANT, log, openTestQueues } from './queues.fixture.js';
import { RedisConnections } from '@quittance/redis';

describe('while Redis is unavailable', () => {
  let server: PrivateRedis;
  let test: ReturnType<typeof openTestQueues>;
  beforeEach(async () => {
    server = await startPrivateRedis();
    test = openTestQueues({ url: server.url, prefix: 'test', clear: async () => {} });
    await eventually(() => test.connections.check());
  });
  afterEach(async () => {
    await test.close();
    await server.stop();
  });

  const inquiry = (jobId: string) => ({
    name: 'payment.inquire.v1' as const,
    payload: { paymentId: aPaymentId() },
    merchantId: MERCHANT,
    jobId,
  });
  const stopServer = async () => {
    await server.stop();
    await eventually(() => expect(test.connections.check()).rejects.toThrow());
  };

  it('a producer rejects at once, and works again by itself afterwards', async () => {
    await stopServer();
    await expect(test.producer.add([inquiry('lost')])).rejects.toThrow();
    await server.start();
    await eventually(() => test.producer.add([inquiry('added')]));
    expect(await test.queues.get('inquiry').getPrioritizedCount()).toBe(1);
  });

  it('a queue that is opened meanwhile works once Redis is back', async () => {
    await stopServer();
    await expect(test.queues.get('inquiry').getWaitingCount()).rejects.toThrow();
    await server.start();
    await eventually(async () =>
      expect(await test.queues.get('inquiry').getWaitingCount()).toBe(0),
    );
  });

  it('a consumer waits and resumes by itself', async () => {
    const handled: string[] = [];
    const consumer = test.consumer({
      handlers: [
        handleJob('payment.inquire.v1', async (job) => void handled.push(job.paymentId)),
        handleJob('payment.submit.v1', async () => {}),
        handleJob('payment.watch.v1', async () => {}),
        handleJob('refund.advance.v1', async () => {}),
      ],
    });
    consumer.start();
    await test.producer.add([inquiry('before')]);
    await eventually(() => expect(handled).toHaveLength(1));
    await stopServer();
    await server.start();
    await eventually(() => test.producer.add([inquiry('after')]));
    await eventually(() => expect(handled).toHaveLength(2));
  });

  it('a consumer can be closed, and none of its connections reconnects', async () => {
    const redis = test.connections.worker;
    const duplicates: Redis[] = [];
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (override) => {
      const made = duplicate(override);
      duplicates.push(made);
      return made;
    };
    const consumer = test.consumer({
      handlers: [
        handleJob('payment.inquire.v1', async () => {}),
        handleJob('payment.submit.v1', async () => {}),
        handleJob('payment.watch.v1', async () => {}),
        handleJob('refund.advance.v1', async () => {}),
      ],
    });
    consumer.start();
    await stopServer();
    await expect(consumer.close(200)).resolves.toBeUndefined();
    await test.connections.close();
    // ioredis has no public sign of a connection that will not be tried again.
    const timers = duplicates.map((made) => Reflect.get(made, 'reconnectTimeout') as unknown);
    expect(timers).toEqual([null, null, null]);
  });

  it('an announcement is lost without an error', async () => {
    await stopServer();
    const signal = new ChangeSignal(test.connections, 'test', log);
    await expect(signal.announce(['pi_1'])).resolves.toBeUndefined();
  });

  it('the queue metrics are absent, and the scrape still succeeds', async () => {
    const metrics = new Metrics();
    const lookAgainAt = { value: Date.now() };
    registerQueueMetrics({
      metrics,
      queues: test.queues,
      names: () => ['inquiry'],
      now: () => lookAgainAt.value,
    });
    expect(await metrics.registry.metrics()).toContain('quittance_queue_jobs{queue="inquiry"');
    await stopServer();
    lookAgainAt.value += 60_000;
    expect(await metrics.registry.metrics()).not.toContain('queue="inquiry"');
  });

  it('connections that are closed stay closed', async () => {
    const connections = new RedisConnections({ url: new Secret(server.url), log });
    await eventually(() => connections.check());
    await connections.close();
    await expect(connections.check()).rejects.toThrow();
    expect(() => connections.worker).toThrow('closed');
  });
});
