// The foundation of every app: settings, faults, HTTP, logging, time, loops, health and metrics.
// Nothing in this library knows the apps' purpose.
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
export { AppName, ConfigModule } from './config/config.module.js';
export { describeConfig, type VariableDescription } from './config/describe-config.js';
export { httpSection } from './config/http-section.js';
export { durationMs, flag, integer, port } from './config/number-variables.js';
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
} from './health/health.js';
export { HealthModule, type HealthModuleOptions } from './health/health.module.js';
export {
  announcesBytes,
  type BodyReader,
  mayHaveBody,
  takeBodies,
  takeJsonBodies,
  unexpectedBody,
} from './http/json-bodies.js';
export { createHttpApp, type HttpAppOptions } from './http/http-app.js';
export { HTTP_LIMITS, type HttpLimits } from './http/http-limits.js';
export { listen, type ListenOptions } from './http/listen.js';
export { outlineOf, PROBLEM_CONTENT_TYPE, type Problem, problemOf } from './http/problem.js';
export { ProblemFilter } from './http/problem-filter.js';
export { checkAgainst, type Checked, parseRequest, SchemaPipe } from './http/schema-faults.js';
export { idForm, idPattern, newId } from './ids.js';
export { AddressRanges, callerAddress, canonicalAddress } from './net/addresses.js';
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
export { type MetricOptions, Metrics, MetricsModule } from './metrics.js';
export { OutageLog } from './outage-log.js';
export { PeriodicTask, type PeriodicTaskOptions } from './periodic-task.js';
export { runMain, StartFailure } from './process/run-main.js';
export { stopOnSignals, type StopOptions } from './process/stop-on-signals.js';
export { Secret } from './secret.js';
export { waitFor, type WaitForOptions } from './wait-for.js';
export { DeadlineExceeded, within } from './within.js';
