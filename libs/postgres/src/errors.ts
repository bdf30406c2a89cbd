// What an error of Postgres means: that it is away, that it refused this statement, or something
// else. Away is also a Postgres that is there and only reads (a replica, a full disk, a failover
// under way), and one that gave way to another session's statement.
import { errorCodeOf } from '@quittance/platform';
import { types } from 'node:util';

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_SOCKET_CLOSED',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
  'ETIMEDOUT',
]);
/** Of a certificate that does not verify: nothing was said to such a server. */
const TLS_CODES = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
/** Prisma's: cannot be reached, took too long, closed the connection, too many connections. */
const PRISMA_CODES: ReadonlySet<string> = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2037']);

/**
 * SQLSTATEs (PostgreSQL documentation, appendix A) of what passes: connection exception, read-only
 * transaction, session ended for its transaction, login and database refused, transaction rollback
 * (deadlock, serialization), insufficient resources, lock not available, operator intervention,
 * system error.
 */
const AWAY_STATES = /^(08|25006|25P03|25P04|28|3D000|40|53|55P03|57|58)/;
/**
 * Those that say nothing about the connection: another statement on it may well succeed, and
 * another connection fares no better.
 */
const STATEMENT_STATES = /^(28|3D000|40|53|55P03|57014|58)/;

/** What pg says, without a code, when a connection breaks, is silent or cannot be had. */
const AWAY_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after calling end|Received unexpected|The server does not support SSL|There was an error establishing an SSL)/;

/** Nobody wraps an error deeper than this; a ring of causes ends here. */
const DEPTH_MAX = 8;

/**
 * Whether an error says that Postgres cannot be reached or cannot do it now, rather than that it
 * refused something. The same statement may succeed later; whether this one was committed is
 * unknown unless it has an SQLSTATE.
 */
export function isDatabaseAway(error: unknown): boolean {
  return someBelow(error, ({ code, message }) => {
    if (code === undefined) return AWAY_MESSAGES.test(message);
    return (
      NETWORK_CODES.has(code) ||
      TLS_CODES.test(code) ||
      PRISMA_CODES.has(code) ||
      (isSqlState(code) && AWAY_STATES.test(code))
    );
  });
}

/**
 * Whether an error says so of the connection, so that others of the same age have to be suspected
 * too.
 */
export function isConnectionSuspect(error: unknown): boolean {
  if (!isDatabaseAway(error)) return false;
  return !someBelow(error, ({ code }) => code !== undefined && STATEMENT_STATES.test(code));
}

/** The SQLSTATEs in an error and below it, from the outside in. */
export function statesOf(error: unknown): readonly string[] {
  const states: string[] = [];
  someBelow(error, ({ code }) => {
    if (code !== undefined && isSqlState(code)) states.push(code);
    return false;
  });
  return states;
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}

interface Told {
  readonly code: string | undefined;
  readonly message: string;
}

/**
 * Asks an error, and all that it was made of: causes, the attempts at several addresses, the
 * driver's error inside Prisma's.
 */
function someBelow(error: unknown, says: (told: Told) => boolean, depth = 0): boolean {
  if (depth > DEPTH_MAX || typeof error !== 'object' || error === null) return false;
  const code = errorCodeOf(error) ?? originalCodeOf(error);
  // Core errors come from another realm under Jest: asked what they are, not which class made them.
  const isError = types.isNativeError(error);
  if ((isError || code !== undefined) && says({ code, message: isError ? error.message : '' }))
    return true;
  return partsOf(error).some((part) => someBelow(part, says, depth + 1));
}

/** What Prisma's adapter for pg makes of an error of Postgres. */
function originalCodeOf(error: object): string | undefined {
  if (!('originalCode' in error)) return undefined;
  return typeof error.originalCode === 'string' ? error.originalCode : undefined;
}

function partsOf(error: object): readonly unknown[] {
  const parts: unknown[] = [];
  if ('errors' in error && Array.isArray(error.errors)) parts.push(...(error.errors as unknown[]));
  if ('cause' in error) parts.push(error.cause);
  if ('meta' in error && typeof error.meta === 'object' && error.meta !== null)
    parts.push((error.meta as { readonly driverAdapterError?: unknown }).driverAdapterError);
  return parts;
}

/** True when the error is Postgres's own, with a SQLSTATE. */
export function isStatementError(error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(sqlState(error));
}

/**
 * True when Postgres itself refused this statement (SQLSTATE classes 22 data, 23 constraint, 40
 * rollback): nothing was written, and each input may be tried alone. A lost connection is not that:
 * the statement may have committed.
 */
export function isRefusedStatement(error: unknown): boolean {
  return /^(22|23|40)[0-9A-Z]{3}$/.test(sqlState(error));
}

/**
 * True when Postgres would refuse the same input again (classes 22 and 23): trying again is of no
 * use.
 */
export function isRefusedForGood(error: unknown): boolean {
  return /^(22|23)[0-9A-Z]{3}$/.test(sqlState(error));
}

/**
 * What Postgres calls the error, such as `23505`; of another error, whatever code it has, or
 * nothing.
 */
export function sqlState(error: unknown): string {
  const code = types.isNativeError(error) ? errorCodeOf(error) : undefined;
  return code ?? '';
}

/** What pg says, without a code, when `query_timeout` is over. */
const OVERDUE = 'Query read timeout';

/**
 * Whether an error says that Postgres did not answer a statement in time. What became of the
 * statement is unknown then.
 */
export function isOverdue(error: unknown): error is Error {
  return types.isNativeError(error) && error.message === OVERDUE;
}

/** The reason where there is no more to say. */
export const UNREACHABLE = 'it cannot be reached';

/** By SQLSTATE or the start of one; the longer one counts. */
const REASONS: Readonly<Record<string, string>> = {
  '08': 'the connection failed',
  '25006': 'it only reads: a replica, a failover under way, or default_transaction_read_only',
  '28': 'it refuses the login',
  '3D000': 'the database is not there',
  '40': 'it gave way to other statements',
  '53': 'it is out of resources',
  '53100': 'its disk is full',
  '53200': 'it is out of memory',
  '53300': 'it has no connection left',
  '55P03': 'a lock was not free in time',
  '57': 'it ended the session',
  '57014': 'it ended a statement that took too long',
  '57P01': 'it is being shut down',
  '57P02': 'it crashed',
  '57P03': 'it is starting, stopping or recovering',
  '58': 'its machine has a fault',
};
const KEYS = Object.keys(REASONS).toSorted((a, b) => b.length - a.length);

/** The reason in an error for which {@link isDatabaseAway} holds; `undefined` for any other. */
export function whyAway(error: unknown): string | undefined {
  if (!isDatabaseAway(error)) return undefined;
  if (isOverdue(error)) return 'it does not answer';
  for (const state of statesOf(error)) {
    const key = KEYS.find((start) => state.startsWith(start));
    if (key !== undefined) return `${REASONS[key]} (${state})`;
  }
  return UNREACHABLE;
}
