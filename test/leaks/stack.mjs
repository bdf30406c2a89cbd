// A stack that keeps everything it could let slip: it logs all it can, Postgres logs every statement with its values, and Redis
// writes what it is told to its files as it is.
import { onDatabase } from '@quittance/databases';
import { APPEND_ONLY } from '../../tools/servers/redis.ts';
import { ChaosStack } from '../chaos/stack/chaos-stack.ts';
import { ChaosPostgres, ChaosRedis } from '../chaos/stack/servers.ts';

const LOG_NAME = 'leaks';
/** A compressed value would hide what it holds from a search for bytes. */
const READABLE = [...APPEND_ONLY, 'rdbcompression no'];
const TALKATIVE = [
  `ALTER SYSTEM SET log_statement = 'all'`,
  `ALTER SYSTEM SET log_min_duration_statement = 0`,
  `ALTER SYSTEM SET default_toast_compression = 'pglz'`,
  `ALTER SYSTEM SET wal_compression = 'off'`,
  'SELECT pg_reload_conf()',
];

export async function startTalkativeStack(session) {
  const postgres = await ChaosPostgres.start(session, {
    isDurable: true,
    logName: `${LOG_NAME}-postgres`,
  });
  await onDatabase(postgres.databaseUrl('postgres'), async (client) => {
    for (const statement of TALKATIVE) await client.query(statement);
  });
  const redis = await ChaosRedis.start(session, {
    persistence: READABLE,
    logName: `${LOG_NAME}-redis`,
  });
  return ChaosStack.start(session, {
    name: LOG_NAME,
    postgres,
    redis,
    extra: { LOG_LEVEL: 'trace' },
  });
}
