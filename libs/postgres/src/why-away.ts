// Why Postgres cannot be used, in words for whoever is on call. Without an address, a name or a row: /readyz shows it to everybody.
import { isDatabaseAway, statesOf } from './database-away.js';
import { isOverdue } from './deadline-client.js';

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
