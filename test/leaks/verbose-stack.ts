// A stack that stores everything it could disclose: every log is at its lowest level, Postgres logs
// each statement with its values, and Redis writes its data uncompressed to files.
import { onDatabase } from '@quittance/databases';
import type { Session } from '../../tools/processes/session.js';
import { ChaosStack } from '../chaos/stack/chaos-stack.js';
import { ChaosPostgres, ChaosRedis } from '../chaos/stack/servers.js';

const NAME = 'leaks';
/** The search for bytes would not see a compressed value. */
const READABLE = { rdbcompression: 'no' };
const VERBOSE = [
  `ALTER SYSTEM SET log_statement = 'all'`,
  `ALTER SYSTEM SET log_min_duration_statement = 0`,
  `ALTER SYSTEM SET default_toast_compression = 'pglz'`,
  `ALTER SYSTEM SET wal_compression = 'off'`,
  'SELECT pg_reload_conf()',
];

/** `traces` is the address of a collector. */
export async function startVerboseStack(session: Session, traces: string): Promise<ChaosStack> {
  const postgres = await ChaosPostgres.start(session, {
    isDurable: true,
    logName: `${NAME}-postgres`,
  });
  await onDatabase(postgres.databaseUrl('postgres'), async (client) => {
    for (const statement of VERBOSE) await client.query(statement);
  });
  const redis = await ChaosRedis.start(session, {
    isDurable: true,
    settings: READABLE,
    logName: `${NAME}-redis`,
  });
  const extra = { LOG_LEVEL: 'trace', OTEL_EXPORTER_OTLP_ENDPOINT: traces };
  return ChaosStack.start(session, { name: NAME, postgres, redis, extra });
}
