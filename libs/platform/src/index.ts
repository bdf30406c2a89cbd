// The foundation of every app and lib: settings, faults, logging, time, loops, health and metrics.
// Nothing in this library knows the apps' purpose, and nothing knows Nest.
export {
  ConfigError,
  type ConfigDefinition,
  type ConfigOf,
  type ConfigRelation,
  type ConfigSection,
  type ConfigShape,
  defineConfig,
  loadConfig,
  settings,
} from './config/config.js';
export { describeConfig, type VariableDescription } from './config/describe-config.js';
export { httpSection } from './config/http-section.js';
export { redisSection } from './config/redis-section.js';
export {
  type ClusterAddress,
  isClusterUrl,
  isSentinelUrl,
  parseClusterUrl,
  parseSentinelUrl,
  type SentinelAddress,
} from './config/redis-url.js';
export { durationMs, flag, fraction, integer, port } from './config/number-variables.js';
export { type ParseDocument, SecretDocument, secretDocument } from './config/secret-document.js';
export {
  addressRanges,
  list,
  oneOf,
  secretText,
  secretUrl,
  text,
  url,
} from './config/text-variables.js';
export { optional, variable, type Variable, type VariableOptions } from './config/variable.js';
export { Batcher, type BatcherOptions } from './batcher.js';
export { atMost } from './cache-size.js';
export { Clock, systemClock } from './clock.js';
export { armCrashPoint, crashPoint, crashPointAfterThisTurn } from './crash-point.js';
export { errorCodeOf } from './error-code.js';
export {
  AccessDenied,
  Conflict,
  Fault,
  type FaultEntry,
  type FaultKind,
  type FaultOptions,
  InvalidRequest,
  InvariantViolation,
  Unavailable,
} from './faults.js';
export {
  CheckNote,
  type CheckResult,
  Health,
  type HealthCheck,
  type HealthOptions,
  NotReady,
  type Readiness,
} from './health.js';
export { idForm, idPattern, lowestId, newId } from './ids.js';
export { AddressRanges, isAddressRange, callerAddress, canonicalAddress } from './net/addresses.js';
export { isPublicAddress } from './net/public-address.js';
export {
  createLogger,
  describeError,
  type ErrorDescription,
  LOG_LEVELS,
  Logger,
  type LoggerOptions,
  type LogLevel,
  NestLogger,
} from './logging.js';
export { type MetricOptions, Metrics } from './metrics.js';
export { OutageLog } from './outage-log.js';
export { parseUrl } from './parse-url.js';
export { PeriodicTask, type PeriodicTaskOptions } from './periodic-task.js';
export { runMain, StartFailure } from './process/run-main.js';
export { stopOnSignals, type StopOptions } from './process/stop-on-signals.js';
export { startTraceExport, type TraceExport, tracesSection } from './process/trace-export.js';
export { Secret } from './secret.js';
export {
  batchSpan,
  currentTraceparent,
  inSpan,
  type SpanAttributes,
  type SpanOptions,
  type TracedSpan,
} from './tracing.js';
export { waitFor, type WaitForOptions } from './wait-for.js';
export { DeadlineExceeded, within } from './within.js';
