// Jobs over BullMQ: the job table, the producer, the consumer, and the connections to Redis.
export { bufferedCallbackKeys } from './buffered-callback-keys.js';
export { ChangeSignal } from './change-signal.js';
export {
  handleJob,
  JobConsumer,
  type JobConsumerOptions,
  type JobHandler,
  type LaneService,
  RateLimited,
} from './job-consumer.js';
export { type FailedJob, type FailedJobs, type FailedSelection, FailedSet } from './failed-jobs.js';
export { DirectOrders } from './direct-orders.js';
export { JobProducer } from './job-producer.js';
export {
  inquiryJob,
  INTENTS_QUEUE,
  jobId,
  type JobName,
  jobNames,
  type JobPayload,
  JOBS,
  type LaneJobName,
  type NewJob,
  orderedJobs,
  queueOf,
  refundJob,
  submissionJob,
  watchJob,
} from './jobs.js';
export { LaneDrains } from './lane-drains.js';
export { JobTimes } from './job-times.js';
export { registerQueueMetrics, type QueueMetricsOptions } from './queue-metrics.js';
export { QueueRegistry } from './queue-registry.js';
export { jobQueueNames, type QueueState, readQueueState } from './queue-states.js';
export { consumptionFault, ConsumptionSettings, RedisSettings } from './redis-config.js';
export {
  Consumption,
  isCluster,
  primariesOf,
  queuePrefix,
  readSentinels,
  RedisConnections,
  type RedisConnectionsOptions,
  type SentinelState,
} from '@quittance/redis';
