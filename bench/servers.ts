// Postgres and Redis for one run: always the bench's own and always fresh, with the settings of
// `npm start`. Figures from another server could not be compared, and a former one would still hold
// the last run's rows.
import { withDatabase } from '@quittance/databases';
import type { Session } from '../tools/processes/session.js';
import { startPostgres } from '../tools/servers/postgres.js';
import { startRedis } from '../tools/servers/redis.js';
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
    const own = (logName: string) => {
      return { folder: session.temporaryFolder(logName), logName, isDurable: true };
    };
    const settings = withStatements ? STATEMENT_STATISTICS : {};
    const postgres = await startPostgres(session, { ...own('postgres'), settings });
    const redis = await startRedis(session, own('redis'), say);
    say(`${postgres.program}, durable, and Redis, append-only; both fresh`);
    return { postgres, redis, databaseUrl: (name: string) => withDatabase(postgres.url, name) };
  });
}
