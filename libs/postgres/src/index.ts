// Postgres in general, for every process and every database: connections with deadlines, and the
// meaning of errors.
export {
  isConnectionSuspect,
  isDatabaseUnavailable,
  isOverdue,
  isRefusedForGood,
  isRefusedStatement,
  isStatementError,
  sqlState,
  UNREACHABLE,
  unavailableReason,
} from './errors.js';
export {
  DeadlineClient,
  openPool,
  queryWithLimit,
  type PoolOptions,
  POSTGRES_DEADLINES,
  type PostgresDeadlines,
} from './pool.js';
export { observePool } from './pool-metrics.js';
export { inTransaction, withConnection } from './transaction.js';
export { postgresCheck } from './postgres-check.js';
export { PostgresClock, type PostgresClockOptions, WALL_CLOCK_LIMIT_MS } from './postgres-clock.js';
export { readServerState, type ServerState } from './server-state.js';
