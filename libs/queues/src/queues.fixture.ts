// Queues for a test, on the run's Redis under their own prefix.
import { createLogger, Secret } from '@quittance/platform';
import { createTestRedis } from '../../../test/support/redis.js';
import { handleJob, JobConsumer, type JobConsumerOptions } from './job-consumer.js';
import { JobProducer } from './job-producer.js';
import { QueueRegistry } from './queue-registry.js';
import { RedisConnections } from '@quittance/redis';

export const log = createLogger({ name: 'test', level: 'silent' });

/** The merchant of the jobs whose turn does not matter. */
export const MERCHANT = 'mer_test';

let paymentCount = 0;

/** Returns a payment id that is unique within the test run. */
export function aPaymentId(): string {
  paymentCount += 1;
  return `pi_${String(paymentCount).padStart(26, '0')}`;
}

/** Returns a handler for every job: inquiries add the payment's id to `handled`. */
export function recordingHandlers(handled: string[]): JobConsumerOptions['handlers'] {
  const nothing = async () => {};
  return [
    handleJob('payment.inquire.v1', async ({ paymentId }) => void handled.push(paymentId)),
    handleJob('payment.submit.v1', nothing),
    handleJob('payment.watch.v1', nothing),
    handleJob('refund.advance.v1', nothing),
  ];
}

/** Opens connections, queues and a producer; `close` closes them and the consumers. */
export function openTestQueues(redis = createTestRedis()) {
  const connections = new RedisConnections({ url: new Secret(redis.url), log });
  const queues = new QueueRegistry(connections, redis.prefix);
  const consumers: JobConsumer[] = [];
  return {
    connections,
    queues,
    producer: new JobProducer(queues),
    prefix: redis.prefix,
    consumer: (
      options: Pick<JobConsumerOptions, 'handlers'> & Partial<JobConsumerOptions>,
    ): JobConsumer => {
      const consumer = new JobConsumer({
        connections,
        prefix: redis.prefix,
        log,
        concurrency: {
          'payment.submit.v1': 5,
          'payment.inquire.v1': 5,
          'payment.watch.v1': 5,
          'refund.advance.v1': 5,
        },
        ...options,
      });
      consumers.push(consumer);
      return consumer;
    },
    close: async () => {
      await Promise.all(consumers.map((consumer) => consumer.close(1000)));
      await queues.close();
      await connections.close();
      await redis.clear();
    },
  };
}

/** A promise and the function that resolves it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
