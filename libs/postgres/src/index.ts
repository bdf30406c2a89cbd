// Postgres in general, for every process and every database: connections with deadlines, and the
// meaning of errors.
export {
  isConnectionSuspect,
  isDatabaseUnavailable,
  isOverdue,
  isPoolBusy,
  isRefusedForGood,
  isRefusedStatement,
  isStatementError,
  sqlState,
  UNREACHABLE,
  unavailableReason,
} from './errors.js';
export { POSTGRES_DEADLINES, type PostgresDeadlines } from './deadlines.js';
export { DeadlineClient, openPool, queryWithLimit, type PoolOptions } from './pool.js';
export {
  connectionFault,
  type Pooler,
  POOLERS,
  requireSession,
  sessionFault,
  type SessionFault,
  type SessionSettings,
} from './session.js';
export { observePool } from './pool-metrics.js';
export { inTransaction, withConnection } from './transaction.js';
export { postgresCheck } from './postgres-check.js';
export { PostgresClock, type PostgresClockOptions, WALL_CLOCK_LIMIT_MS } from './postgres-clock.js';
export { readServerState, type ServerState } from './server-state.js';
