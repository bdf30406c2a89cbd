// Classifies errors of Postgres: unavailable, statement refused, or neither. Unavailable includes a
// Postgres that only reads (a replica, a full disk, a failover in progress) and one that rolled
// back a statement in favour of another session's.
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
/** Errors of TLS: of the handshake, of certificates, of a damaged record. */
const TLS_CODES =
  /^(CERT_|CRL_|DEPTH_ZERO_|ERR_SSL_|ERR_TLS_|HOSTNAME_|INVALID_CA|SELF_SIGNED_|UNABLE_TO_)/;
/** Prisma's codes: cannot be reached, timed out, closed the connection, too many connections. */
const PRISMA_CODES: ReadonlySet<string> = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2037']);

/**
 * SQLSTATEs (PostgreSQL documentation, appendix A) of temporary conditions: connection exception,
 * read-only transaction, session ended for its transaction, login and database refused, transaction
 * rollback (deadlock, serialization), insufficient resources, lock not available, operator
 * intervention, system error.
 */
const AWAY_STATES = /^(08|25006|25P03|25P04|28|3D000|40|53|55P03|57|58)/;
/**
 * The temporary SQLSTATEs that say nothing about the connection. Another statement on it may
 * succeed, and another connection would fare no better.
 */
const STATEMENT_STATES = /^(28|3D000|40|53|55P03|57014|58)/;

/**
 * The messages, without a code, that pg uses when a connection breaks, times out or cannot be
 * opened.
 */
const AWAY_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after calling end|Received unexpected|The server does not support SSL|There was an error establishing an SSL)/;

/** pg's message when the server refuses TLS. */
const WITHOUT_TLS = 'The server does not support SSL';

/**
 * PgBouncer's messages for a connection on which nothing is wrong: the statement waited for a
 * session, and was not sent.
 */
const STATEMENT_MESSAGES = /^query_wait_timeout$/;

/** No code wraps errors deeper than this. The limit also ends a cycle of causes. */
const DEPTH_MAX = 8;

/**
 * True when an error says that Postgres cannot be reached or is temporarily unable, as opposed to
 * an error that refuses the statement. The same statement may succeed later. Unless the error has
 * an SQLSTATE outside of class 08, the statement may have been committed: with that class a pooler
 * reports that it lost Postgres.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  return someInChain(error, ({ code, message }) => {
    if (code === undefined) return AWAY_MESSAGES.test(message);
    return (
      NETWORK_CODES.has(code) ||
      TLS_CODES.test(code) ||
      PRISMA_CODES.has(code) ||
      (isSqlState(code) && AWAY_STATES.test(code))
    );
  });
}

/** True when an error casts doubt on the connection, and so on every connection of the same age. */
export function isConnectionSuspect(error: unknown): boolean {
  if (!isDatabaseUnavailable(error)) return false;
  return !someInChain(
    error,
    ({ code, message }) =>
      code !== undefined && (STATEMENT_STATES.test(code) || STATEMENT_MESSAGES.test(message)),
  );
}

/**
 * A connection whose Postgres only reads. The code is that of a refused write, so that the pool
 * closes the connection; reads alone would use it for ever.
 */
export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError';
  readonly code = '25006';

  constructor() {
    super('the Postgres of this connection only reads');
  }
}

/** Returns the SQLSTATEs in an error and its causes, outermost first. */
export function statesOf(error: unknown): readonly string[] {
  const states: string[] = [];
  someInChain(error, ({ code }) => {
    if (code !== undefined && isSqlState(code)) states.push(code);
    return false;
  });
  return states;
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}

interface ErrorFacts {
  readonly code: string | undefined;
  readonly message: string;
}

/**
 * Tests an error and everything it wraps: causes, the attempts at several addresses, and the
 * driver's error inside Prisma's.
 */
function someInChain(error: unknown, test: (facts: ErrorFacts) => boolean, depth = 0): boolean {
  if (depth > DEPTH_MAX || typeof error !== 'object' || error === null) return false;
  const code = errorCodeOf(error) ?? originalCodeOf(error);
  // Core errors come from another realm under Jest, where `instanceof Error` is false.
  const isError = types.isNativeError(error);
  if ((isError || code !== undefined) && test({ code, message: isError ? error.message : '' }))
    return true;
  return partsOf(error).some((part) => someInChain(part, test, depth + 1));
}

/** Returns the original SQLSTATE that Prisma's adapter for pg stores in its error. */
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
 * True when Postgres refused this statement (SQLSTATE classes 22 data, 23 constraint, 40 rollback).
 * Nothing was written, and each input may be retried alone. False for a lost connection, because
 * the statement may have committed.
 */
export function isRefusedStatement(error: unknown): boolean {
  return /^(22|23|40)[0-9A-Z]{3}$/.test(sqlState(error));
}

/**
 * True when Postgres would refuse the same input again (classes 22 and 23), so that a retry is
 * useless.
 */
export function isRefusedForGood(error: unknown): boolean {
  return /^(22|23)[0-9A-Z]{3}$/.test(sqlState(error));
}

/**
 * Returns the SQLSTATE of an error of Postgres, such as `23505`, or the code of any other error, or
 * an empty string.
 */
export function sqlState(error: unknown): string {
  const code = types.isNativeError(error) ? errorCodeOf(error) : undefined;
  return code ?? '';
}

/** The message, without a code, of pg's `query_timeout`. */
const OVERDUE = 'Query read timeout';

/**
 * True when Postgres did not answer a statement in time. The statement may or may not have taken
 * effect.
 */
export function isOverdue(error: unknown): error is Error {
  return types.isNativeError(error) && error.message === OVERDUE;
}

/** The message, without a code, of pg's pool when a caller waited too long for its turn. */
const BUSY = 'timeout exceeded when trying to connect';

/** True when all connections of a pool were in use. Nothing was asked of Postgres. */
export function isPoolBusy(error: unknown): boolean {
  return types.isNativeError(error) && error.message === BUSY;
}

/** The reason when no more is known. */
export const UNREACHABLE = 'it cannot be reached';

/** Reasons by SQLSTATE or its prefix. The longest match wins. */
const REASONS: Readonly<Record<string, string>> = {
  '08': 'the connection failed',
  '25006': 'it only reads: a replica, a failover under way, or default_transaction_read_only',
  '28': 'it refuses the login',
  '3D000': 'the database does not exist',
  '40': 'it rolled the statement back in favour of others',
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
  '58': 'it reports a system error',
};
/** Reasons by a part of PgBouncer's messages, all of which have the code of a broken protocol. */
const POOLER_REASONS: Readonly<Record<string, string>> = {
  'startup parameter': 'a pooler accepts no start-up parameters, see DATABASE_POOLER',
  query_wait_timeout: 'its pooler had no session free in time',
  'no more connections allowed': 'its pooler takes no more connections',
  'server conn crashed': 'its pooler lost the session',
  server_login_retry: 'its pooler cannot reach it',
  'server down': 'its pooler cannot reach it',
  'connect failed': 'its pooler cannot reach it',
  'connect timeout': 'its pooler cannot reach it',
  'server login failed': 'it refuses the login of its pooler',
};
const KEYS = Object.keys(REASONS).toSorted((a, b) => b.length - a.length);

/**
 * Returns the reason of an error for which {@link isDatabaseUnavailable} holds, `undefined` for any
 * other.
 */
export function unavailableReason(error: unknown): string | undefined {
  if (!isDatabaseUnavailable(error)) return undefined;
  if (isOverdue(error)) return 'it does not answer';
  const ofConnection = poolerReason(error) ?? tlsReason(error);
  if (ofConnection !== undefined) return ofConnection;
  for (const state of statesOf(error)) {
    const key = KEYS.find((start) => state.startsWith(start));
    if (key !== undefined) return `${REASONS[key]} (${state})`;
  }
  return UNREACHABLE;
}

function poolerReason(error: unknown): string | undefined {
  let reason: string | undefined;
  someInChain(error, ({ code, message }) => {
    const [, found] = Object.entries(POOLER_REASONS).find(([part]) => message.includes(part)) ?? [];
    if (code === '08P01') reason ??= found;
    return reason !== undefined;
  });
  return reason;
}

function tlsReason(error: unknown): string | undefined {
  let reason: string | undefined;
  someInChain(error, ({ code, message }) => {
    if (code !== undefined && TLS_CODES.test(code)) reason = `TLS fails (${code})`;
    else if (message.startsWith(WITHOUT_TLS)) reason = 'it does not speak TLS';
    return reason !== undefined;
  });
  return reason;
}
