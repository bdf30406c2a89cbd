// Describes a Postgres server and the way to it, for `quittance doctor`.
import type { PoolClient } from 'pg';
import { isPooled } from './session.js';

/** A server, as a connection finds it. */
export interface ServerState {
  /** The major version. */
  readonly version: number;
  readonly isReplica: boolean;
  readonly connectionsInUse: number;
  readonly connectionsMax: number;
  /** The time of its clock. */
  readonly now: Date;
  /** The settings that are off and can then lose a commit. */
  readonly lossySettings: readonly string[];
  /** True when something between pools connections. */
  readonly isPooled: boolean;
}

const DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit'];

const STATE = `
SELECT current_setting('server_version_num')::int / 10000 AS version, pg_is_in_recovery() AS "isReplica",
  (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS "connectionsInUse",
  current_setting('max_connections')::int AS "connectionsMax", pg_backend_pid() AS pid, clock_timestamp() AS now,
  ARRAY(SELECT name FROM pg_settings WHERE name = ANY ($1) AND setting = 'off' ORDER BY name) AS "lossySettings"`;

type Row = Omit<ServerState, 'isPooled'> & { readonly pid: number };

/** Rejects if the server does not describe itself. */
export async function readServerState(client: PoolClient): Promise<ServerState> {
  const { rows } = await client.query<Row>(STATE, [DURABLE]);
  const [row] = rows;
  if (!row) throw new Error('the server does not describe itself');
  const { pid, ...state } = row;
  return { ...state, isPooled: isPooled(client, pid) };
}
