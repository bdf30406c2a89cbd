// Postgres and Redis for one run: always the bench's own and always fresh, with the settings of
// `npm start`. Figures from another server could not be compared, and a former one would still hold
// the last run's rows.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { withDatabase } from '@quittance/databases';
import { dataPath } from '../tools/place.mjs';
import type { Session } from '../tools/processes/session.js';
import { DURABLE, startPostgres } from '../tools/servers/postgres.js';
import { redisProgram } from '../tools/servers/redis-program.js';
import { APPEND_ONLY, startRedis } from '../tools/servers/redis.js';
import { newPassword } from '../tools/servers/remembered.js';
import { step } from '../tools/terminal/progress.mjs';

/** Only on request: it costs a few percent. */
const STATEMENT_STATISTICS = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_planning': 'on',
};

/** The servers that all contestants work with. */
export type Servers = Awaited<ReturnType<typeof startServers>>;

/** Starts both. `withStatements` makes Postgres record the cost of each statement. */
export function startServers(session: Session, withStatements: boolean) {
  return step('servers', async (say) => {
    const run = randomBytes(4).toString('hex');
    const own = (logName: string, folder: string) => {
      session.removeAtEnd(folder);
      return { folder, password: newPassword(), logName };
    };
    const durability = { ...DURABLE, ...(withStatements && STATEMENT_STATISTICS) };
    const folder = join(dataPath(), `postgres-${run}`);
    const postgres = await startPostgres(session, { ...own('postgres', folder), durability });
    const program = await redisProgram(say);
    const options = { ...own('redis', dataPath(`redis-${run}`)), program };
    const redis = await startRedis(session, { ...options, persistence: APPEND_ONLY });
    say(`PostgreSQL ${postgres.version}, durable, and Redis, append-only; both fresh`);
    return { postgres, redis, databaseUrl: (name: string) => withDatabase(postgres.url, name) };
  });
}
