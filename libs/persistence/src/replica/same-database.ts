// Compares a replica with its primary, for a start and for `quittance doctor`. SQL: Postgres's own
// views.
import { ConfigError } from '@quittance/platform';
import { requireSession, sqlState } from '@quittance/postgres';
import type { Pool } from 'pg';
import { haveCommonBeat, READ_BEATS } from './replica-beat.js';
import { LAG_MAX_MS, type Queryable } from './replica.js';

/**
 * The identifier that `initdb` made, and the id of the database in it. A physical replica has both
 * of its primary. So has a restored copy, which only the beats tell apart.
 */
const ORIGIN = `
SELECT (SELECT system_identifier::text FROM pg_control_system()) || '/' ||
  (SELECT oid::text FROM pg_database WHERE datname = current_database()) AS origin`;

/** Some managed servers reserve the identifier to themselves. */
const FORBIDDEN = '42501';

async function originOf(server: Queryable): Promise<string | undefined> {
  try {
    return (await server.query<{ origin: string }>(ORIGIN)).rows[0]?.origin;
  } catch (error) {
    if (sqlState(error) === FORBIDDEN) return undefined;
    throw error;
  }
}

/** True as well if neither says. */
async function haveOneOrigin(primary: Queryable, replica: Queryable): Promise<boolean> {
  return (await originOf(primary)) === (await originOf(replica));
}

/**
 * Resolves if `replica` is of the database of `primary`, as far as can be seen before the first
 * beat. Rejects with {@link ConfigError} if it is not, or if its sessions are not as they must be;
 * with any other error if it does not answer.
 */
export async function requireReplica(primary: Pool, replica: Pool): Promise<void> {
  await requireSession(replica);
  if (await haveOneOrigin(primary, replica)) return;
  throw new ConfigError(['DATABASE_READ_URL: is not a replica of the database in DATABASE_URL']);
}

/** A replica, as `doctor` finds it. */
export interface ReplicaState {
  readonly isOfPrimary: boolean;
  /** False for a server that writes, behind a name that is a replica's at other times. */
  readonly isStandby: boolean;
  /** Age of the newest beat on it, in milliseconds; null while no api writes any. */
  readonly lagMs: number | null;
}

interface StateRow {
  readonly isStandby: boolean;
  readonly now: Date;
  /** Null before the first beat, as is `at`. */
  readonly beats: readonly string[] | null;
  readonly at: Date | null;
}

const STATE = `
SELECT pg_is_in_recovery() AS "isStandby", clock_timestamp() AS now, b.*
FROM (VALUES (1)) always LEFT JOIN (${READ_BEATS}) b ON true`;

/** Reads the replica first, so that the primary knows its beats. */
export async function replicaState(primary: Queryable, replica: Queryable): Promise<ReplicaState> {
  const found = await stateOf(replica);
  const known = await stateOf(primary);
  const ageMs = (at: Date | null) => (at === null ? Infinity : known.now.getTime() - at.getTime());
  const isBeating = ageMs(known.at) < LAG_MAX_MS;
  const lagMs = ageMs(found.at);
  const isForeign = lagMs < LAG_MAX_MS && !haveCommonBeat(found.beats ?? [], known.beats ?? []);
  return {
    isOfPrimary: (await haveOneOrigin(primary, replica)) && !isForeign,
    isStandby: found.isStandby,
    lagMs: isBeating ? lagMs : null,
  };
}

async function stateOf(server: Queryable): Promise<StateRow> {
  const [row] = (await server.query<StateRow>(STATE)).rows;
  if (!row) throw new Error('the server does not describe itself');
  return row;
}
