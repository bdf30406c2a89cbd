// The queue side of one process: its connections' queues, the producer, and the hints between processes.
import type { Logger } from '@quittance/platform';
import { ChangeSignal } from './change-signal.js';
import { JobProducer } from './job-producer.js';
import { QueueRegistry } from './queue-registry.js';
import type { RedisConnections } from '@quittance/redis';

export interface OpenedQueues {
  readonly queues: QueueRegistry;
  readonly producer: JobProducer;
  readonly signal: ChangeSignal;
}

/** `prefix` is the first part of every key in Redis. Close `queues` when the process stops. */
export function openQueues(redis: RedisConnections, prefix: string, log: Logger): OpenedQueues {
  const queues = new QueueRegistry(redis, prefix);
  return {
    queues,
    producer: new JobProducer(queues),
    signal: new ChangeSignal(redis, prefix, log),
  };
}
