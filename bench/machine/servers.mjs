// Postgres and Redis for one run: always servers of our own and always fresh, with the settings of `npm start`. Figures
// from somebody else's server could not be compared, and an old one would carry the last run's rows.
import { randomBytes } from 'node:crypto';
import { dataPath } from '../../tools/place.mjs';
import { withDatabase } from '../../tools/database/databases.mjs';
import { DURABLE, startPostgres } from '../../tools/servers/postgres.ts';
import { redisProgram } from '../../tools/servers/redis-program.ts';
import { APPEND_ONLY, startRedis } from '../../tools/servers/redis.ts';
import { newPassword } from '../../tools/servers/remembered.ts';
import { step } from '../../tools/terminal/progress.mjs';

/** Only when asked for: it costs a few percent. */
const STATEMENT_STATISTICS = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_planning': 'on',
};

/**
 * Starts both.
 * @param {import('../../tools/processes/session.mjs').Session} session
 * @param {{ withStatements: boolean }} options `withStatements` makes Postgres note what each statement costs
 */
export async function startServers(session, { withStatements }) {
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
