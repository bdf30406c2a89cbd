// The longest waits for Postgres.

/** In milliseconds. docs/reliability.md adds them up. */
export interface PostgresDeadlines {
  /** Limit for obtaining a free connection, or a new one including its handshake. */
  readonly connectMs: number;
  /** Postgres cancels a statement after this time. */
  readonly statementMs: number;
  /**
   * A connection without an answer by then is dead, because Postgres would have cancelled the
   * statement.
   */
  readonly answerMs: number;
  /** Postgres ends an idle transaction after this time, which bounds how long it can lock a row. */
  readonly idleInTransactionMs: number;
}

/** None of our statements takes seconds. One that does is stuck, and its caller gets an error. */
export const POSTGRES_DEADLINES: PostgresDeadlines = {
  connectMs: 3_000,
  statementMs: 5_000,
  answerMs: 6_000,
  idleInTransactionMs: 6_000,
};
