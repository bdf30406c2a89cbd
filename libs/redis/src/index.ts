// Redis for the queues and the events: connections that detect a silent or read-only Redis, and
// BullMQ workers on top of them.
export {
  Consumption,
  CONSUMPTION_LIMITS,
  type ConsumptionLimits,
  type ConsumptionOptions,
} from './consumption.js';
export { ResilientWorker } from './resilient-worker.js';
export { RedisConnections, type RedisConnectionsOptions } from './redis-connections.js';
export { isCluster, queuePrefix } from './queue-prefix.js';
export { primariesOf } from './write-probe.js';
export {
  isRefusalRecord,
  unexpectedParts,
  recordRefusal,
  removeRefused,
  shownNames,
} from './refused-jobs.js';
export { readSentinels, type SentinelState } from './sentinel-states.js';
export { refusalOf } from './refusals.js';
