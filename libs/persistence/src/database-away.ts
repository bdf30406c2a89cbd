// Telling that Postgres is away from everything else that can go wrong with a statement.
import { errorCodeOf } from '@quittance/platform';
import { types } from 'node:util';

const NETWORK_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Connection exception, insufficient resources, operator intervention, system error. */
const AWAY_CLASSES = /^(08|53|57|58)/;
/** What pg says, without a code, when a connection breaks or cannot be had. */
const AWAY_MESSAGES =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Cannot use a pool after calling end)/;

/** Whether an error of pg says that Postgres cannot be reached or does not work, rather than that it refused something. */
export function isDatabaseAway(error: unknown): boolean {
  // Core errors come from another realm under Jest: asked what they are, not which class made them.
  if (!types.isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isDatabaseAway);
  const code = errorCodeOf(error);
  if (code === undefined) return AWAY_MESSAGES.test(error.message);
  if (NETWORK_CODES.has(code)) return true;
  return SQLSTATE.test(code) && AWAY_CLASSES.test(code);
}
