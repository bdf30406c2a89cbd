// Redis below queues and events: connections that notice when it is silent or refuses to write, and
// BullMQ workers over them.
export { PatientWorker } from './patient-worker.js';
export { RedisConnections, type RedisConnectionsOptions } from './redis-connections.js';
export {
  isRefusalRecord,
  oddParts,
  recordRefusal,
  removeRefused,
  shownNames,
} from './refused-jobs.js';
export { refusalOf } from './refusals.js';
