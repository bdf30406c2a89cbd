// Tells a statement that Postgres refused from a connection that was lost.
import { errorCodeOf } from '@quittance/platform';
import { types } from 'node:util';

/** True when the error is Postgres's own, with a SQLSTATE. */
export function isStatementError(error: unknown): boolean {
  return /^[0-9A-Z]{5}$/.test(sqlState(error));
}

/**
 * True when Postgres itself refused this statement (SQLSTATE classes 22 data, 23 constraint, 40 rollback): nothing was
 * written, and each input may be tried alone. A lost connection is not that: the statement may have committed.
 */
export function isRefusedStatement(error: unknown): boolean {
  return /^(22|23|40)[0-9A-Z]{3}$/.test(sqlState(error));
}

/** True when Postgres would refuse the same input again (classes 22 and 23): trying again is of no use. */
export function isRefusedForGood(error: unknown): boolean {
  return /^(22|23)[0-9A-Z]{3}$/.test(sqlState(error));
}

/** What Postgres calls the error, such as `23505`; of another error, whatever code it has, or nothing. */
export function sqlState(error: unknown): string {
  const code = types.isNativeError(error) ? errorCodeOf(error) : undefined;
  return code ?? '';
}
