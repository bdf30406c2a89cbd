// Postgres and Redis for one run: always servers of our own and always fresh, with the settings of
// `npm start`. Figures from another server could not be compared, and an old one would
// carry the last run's rows.
import { randomBytes } from 'node:crypto';
import { dataPath } from '../../tools/place.mjs';
import { withDatabase } from '@quittance/databases';
import type { Session } from '../../tools/processes/session.js';
import { DURABLE, startPostgres, type PostgresServer } from '../../tools/servers/postgres.js';
import { redisProgram } from '../../tools/servers/redis-program.js';
import { APPEND_ONLY, startRedis, type RedisServer } from '../../tools/servers/redis.js';
import { newPassword } from '../../tools/servers/remembered.js';
import { step } from '../../tools/terminal/progress.mjs';

/** Only when asked for: it costs a few percent. */
const STATEMENT_STATISTICS = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_planning': 'on',
};

/** The servers that all contestants work with. */
export interface Servers {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  databaseUrl(name: string): string;
}

/** Starts both. `withStatements` makes Postgres note what each statement costs. */
export async function startServers(
  session: Session,
  { withStatements }: { readonly withStatements: boolean },
): Promise<Servers> {
  const run = randomBytes(4).toString('hex');
  const postgres = await step('Postgres', async (say) => {
    const folder = `${dataPath()}/postgres-${run}`;
    session.removeAtEnd(folder);
    const durability = withStatements ? { ...DURABLE, ...STATEMENT_STATISTICS } : DURABLE;
    const options = { folder, password: newPassword(), durability, logName: 'postgres' };
    const server = await startPostgres(session, options);
    say(`PostgreSQL ${server.version}, fresh, durable`);
    return server;
  });
  const redis = await step('Redis', async (say) => {
    const program = await redisProgram({ mayInstall: true, say });
    const folder = dataPath(`redis-${run}`);
    session.removeAtEnd(folder);
    const options = { program, folder, password: newPassword(), persistence: APPEND_ONLY };
    const server = await startRedis(session, { ...options, logName: 'redis' });
    say('fresh, append-only');
    return server;
  });
  return { postgres, redis, databaseUrl: (name) => withDatabase(postgres.url, name) };
}
