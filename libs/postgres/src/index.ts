// What every process that talks to a Postgres needs, whichever it is: connections with deadlines, and what errors mean.
export { isConnectionSuspect, isDatabaseAway } from './database-away.js';
export {
  isRefusedForGood,
  isRefusedStatement,
  isStatementError,
  sqlState,
} from './database-error.js';
export { DeadlineClient, isOverdue } from './deadline-client.js';
export { inTransaction } from './in-transaction.js';
export {
  openPool,
  type PoolOptions,
  POSTGRES_DEADLINES,
  type PostgresDeadlines,
} from './open-pool.js';
export { patientQuery } from './patient-query.js';
export { postgresCheck } from './postgres-check.js';
export { UNREACHABLE, whyAway } from './why-away.js';
export { PostgresClock, type PostgresClockOptions, WALL_CLOCK_LIMIT_MS } from './postgres-clock.js';
