// Jobs over BullMQ: the job table, who adds jobs, who takes them, and the connections to Redis under both.
export { ChangeSignal } from './change-signal.js';
export {
  handleJob,
  JobConsumer,
  type JobConsumerOptions,
  type JobHandler,
} from './job-consumer.js';
export { JobProducer, type NewJob } from './job-producer.js';
export {
  jobId,
  type JobName,
  jobNames,
  type JobPayload,
  JOBS,
  type LaneJobName,
  queueOf,
} from './jobs.js';
export { registerQueueMetrics, type QueueMetricsOptions } from './queue-metrics.js';
export { QueueRegistry } from './queue-registry.js';
export { redisSection, RedisSettings } from './redis-config.js';
export { inquiryJob, orderedJobs, refundJob, submissionJob, watchJob } from './step-jobs.js';
export { RedisConnections, type RedisConnectionsOptions } from '@quittance/redis';
