// The server of every app: its HTTP app, problem documents, request bodies, and the Nest modules of
// settings, health and metrics. Nothing in this library knows the apps' purpose.
export { AppName, ConfigModule } from './config.module.js';
export { HealthModule, type HealthModuleOptions } from './health.module.js';
export {
  announcesBytes,
  type BodyReader,
  mayHaveBody,
  takeBodies,
  takeJsonBodies,
  unexpectedBody,
} from './json-bodies.js';
export { createHttpApp, type HttpAppOptions } from './http-app.js';
export { HTTP_LIMITS, type HttpLimits } from './http-limits.js';
export { listen, type ListenOptions } from './listen.js';
export {
  outlineOf,
  PROBLEM_CONTENT_TYPE,
  type Problem,
  problemOf,
  type ProblemOutline,
} from './problem.js';
export { ProblemFilter, type RenderedProblem } from './problem-filter.js';
export { readJson } from './read-json.js';
export { NDJSON_CONTENT_TYPE, STREAMED_BODY, streamsBody } from './streamed-bodies.js';
export { checkAgainst, type Checked, parseRequest, SchemaPipe } from './schema-faults.js';
export { MetricsModule } from './metrics.module.js';
