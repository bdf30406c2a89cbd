// Checks of Postgres: its version and settings, the schema, the connections, and a pooler between.
// SQL: questions about the server itself.
import { join } from 'node:path';
import { DatabaseProblem, pendingMigrations } from '@quittance/databases';
import type { Pool, PoolClient } from 'pg';
import { clockFinding } from './clock.js';
import { attention, bad, type Finding, good, unknown } from './finding.js';

/** Older releases get no fixes any more, or soon will not. */
const VERSION_MIN = 14;
/** Processes that start, and an operator, need some. */
const CONNECTIONS_SHARE_MAX = 0.8;
/** Relative to the compiled file, dist/apps/operator/src/doctor/postgres-checks.js. */
const ROOT = join(import.meta.dirname, '../../../..');

/** Settings of which each can lose a commit that a caller was promised. */
const DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit'] as const;

interface Server {
  readonly version: number;
  readonly is_replica: boolean;
  readonly used: number;
  readonly max: number;
  readonly pid: number;
  readonly now: Date;
}

const SERVER = `
SELECT current_setting('server_version_num')::int / 10000 AS version, pg_is_in_recovery() AS is_replica,
  (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
  current_setting('max_connections')::int AS max, pg_backend_pid() AS pid, clock_timestamp() AS now`;

export async function checkPostgres(pool: Pool): Promise<Finding[]> {
  const client = await pool.connect();
  try {
    const askedAt = Date.now();
    const { rows } = await client.query<Server>(SERVER);
    const answeredAt = Date.now();
    const [server] = rows;
    if (!server) return [unknown('Postgres', 'it does not describe itself', 'Run it again.')];
    return [
      versionFinding(server),
      roleFinding(server),
      await durabilityFinding(client),
      await schemaFinding(client),
      connectionsFinding(server),
      poolerFinding(server, client),
      clockFinding('clock of Postgres', server.now.getTime(), { askedAt, answeredAt }),
    ];
  } finally {
    client.release();
  }
}

function versionFinding({ version }: Server): Finding {
  const check = 'Postgres version';
  return version >= VERSION_MIN
    ? good(check, String(version))
    : bad(check, `${version} is too old`, `Upgrade to ${VERSION_MIN} or later.`);
}

function roleFinding({ is_replica: isReplica }: Server): Finding {
  const check = 'Postgres role';
  return isReplica
    ? bad(check, 'it is a replica and only reads', 'Point DATABASE_URL at the primary.')
    : good(check, 'primary');
}

async function durabilityFinding(client: PoolClient): Promise<Finding> {
  const check = 'Postgres durability';
  const sql = `SELECT name FROM pg_settings WHERE name = ANY ($1) AND setting = 'off'`;
  const { rows } = await client.query<{ name: string }>(sql, [DURABLE]);
  if (rows.length === 0) return good(check, 'a commit survives a crash');
  const names = rows.map(({ name }) => name).join(', ');
  const advice = 'Turn it on: a crash can lose payments that callers were promised.';
  return bad(check, `off: ${names}`, advice);
}

async function schemaFinding(client: PoolClient): Promise<Finding> {
  const check = 'migrations';
  try {
    const pending = await pendingMigrations(client, join(ROOT, 'prisma/migrations'));
    if (pending.length === 0) return good(check, 'up to date');
    const advice = 'Run npm run db:migrate with the URL of the owner of the tables.';
    return bad(check, `missing: ${pending.join(', ')}`, advice);
  } catch (error) {
    if (error instanceof DatabaseProblem)
      return bad(check, error.message.replaceAll('\n', ' '), 'Run the version that made them.');
    const advice = 'Run npm run db:migrate: it grants the roles their rights too.';
    return unknown(check, 'their table cannot be read', advice);
  }
}

function connectionsFinding({ used, max }: Server): Finding {
  const check = 'Postgres connections';
  const finding = `${used} of ${max} in use`;
  if (used / max < CONNECTIONS_SHARE_MAX) return good(check, finding);
  return attention(check, finding, 'Lower DATABASE_CONNECTIONS, or raise max_connections.');
}

/** A pooler gives its clients process ids of its own in the start-up messages. */
function poolerFinding({ pid }: Server, client: PoolClient): Finding {
  const check = 'pooler';
  const announced = (client as PoolClient & { readonly processID?: number | null }).processID;
  if (announced === pid) return good(check, 'none');
  const advice =
    'Let it pool sessions. The processes use named statements and settings of the session, ' +
    'which a pool of transactions or statements loses.';
  return attention(check, 'something pools connections on the way', advice);
}
