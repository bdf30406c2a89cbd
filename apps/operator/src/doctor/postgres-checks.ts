// Checks of Postgres: its version and settings, the schema, the connections, and a pooler between.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseProblem, pendingMigrations } from '@quittance/databases';
import { errorCodeOf } from '@quittance/platform';
import {
  connectionFault,
  readServerState,
  type ServerState,
  sessionFault,
  type SessionFault,
} from '@quittance/postgres';
import type { Pool, PoolClient } from 'pg';
import { clockFinding } from './clock.js';
import { attention, bad, type Finding, good, unknown } from './finding.js';

/** Older releases get no fixes any more, or soon will not. */
const VERSION_MIN = 14;
/** Processes that start, and an operator, need some. */
const CONNECTIONS_SHARE_MAX = 0.8;
/** Beside dist/, in which the compiled file is, or beside apps/. */
const MIGRATIONS = ['../../../../..', '../../../..']
  .map((path) => join(import.meta.dirname, path, 'prisma/migrations'))
  .find((folder) => existsSync(folder));
/** Postgres refuses the role, or the table does not exist. */
const UNREADABLE = ['42501', '42P01'];
const POOLER = 'pooler';

export async function checkPostgres(pool: Pool): Promise<Finding[]> {
  let client: PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    const fault = connectionFault(error);
    if (fault === undefined) throw error;
    return [faultyPooler(fault)];
  }
  try {
    const askedAt = Date.now();
    const server = await readServerState(client);
    const answeredAt = Date.now();
    return [
      versionFinding(server),
      roleFinding(server),
      durabilityFinding(server),
      await schemaFinding(client),
      connectionsFinding(server),
      await poolerFinding(pool, client, server),
      clockFinding('clock of Postgres', server.now.getTime(), { askedAt, answeredAt }),
    ];
  } finally {
    client.release();
  }
}

function versionFinding({ version }: ServerState): Finding {
  const check = 'Postgres version';
  return version >= VERSION_MIN
    ? good(check, String(version))
    : bad(check, `${version} is too old`, `Upgrade to ${VERSION_MIN} or later.`);
}

function roleFinding({ isReplica }: ServerState): Finding {
  const check = 'Postgres role';
  return isReplica
    ? bad(check, 'it is a replica and only reads', 'Point DATABASE_URL at the primary.')
    : good(check, 'primary');
}

function durabilityFinding({ lossySettings }: ServerState): Finding {
  const check = 'Postgres durability';
  if (lossySettings.length === 0) return good(check, 'a commit survives a crash');
  const advice = 'Turn it on: a crash can lose payments that callers were promised.';
  return bad(check, `off: ${lossySettings.join(', ')}`, advice);
}

async function schemaFinding(client: PoolClient): Promise<Finding> {
  const check = 'migrations';
  if (MIGRATIONS === undefined)
    return unknown(check, 'their files are not here', 'Run it in a checkout or in the image.');
  try {
    const pending = await pendingMigrations(client, MIGRATIONS);
    if (pending.length === 0) return good(check, 'up to date');
    const advice = 'Run npm run db:migrate with the URL of the owner of the tables.';
    return bad(check, `missing: ${pending.join(', ')}`, advice);
  } catch (error) {
    if (error instanceof DatabaseProblem)
      return bad(check, error.message.replaceAll('\n', ' '), 'Run the version that made them.');
    if (!UNREADABLE.includes(errorCodeOf(error) ?? '')) throw error;
    const advice = 'Run npm run db:migrate: it grants the roles their rights too.';
    return unknown(check, 'their table cannot be read', advice);
  }
}

function connectionsFinding(server: ServerState): Finding {
  const { connectionsInUse: used, connectionsMax: max } = server;
  const check = 'Postgres connections';
  const finding = `${used} of ${max} in use`;
  if (used / max < CONNECTIONS_SHARE_MAX) return good(check, finding);
  return attention(check, finding, 'Lower DATABASE_CONNECTIONS, or raise max_connections.');
}

async function poolerFinding(
  pool: Pool,
  client: PoolClient,
  { isPooled }: ServerState,
): Promise<Finding> {
  const fault = await sessionFault(pool, client);
  if (fault) return faultyPooler(fault);
  return good(POOLER, isPooled ? 'declared, and its sessions have the settings needed' : 'none');
}

const faultyPooler = ({ finding, advice }: SessionFault) => bad(POOLER, finding, advice);
