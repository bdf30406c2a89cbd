// Postgres and Redis for one command: those the environment names, else servers of our own.
import { join } from 'node:path';
import { databaseName, describeUrl, withDatabase, type DatabaseUrls } from '@quittance/databases';
import { dataFolder } from '../place.mjs';
import type { Session } from '../processes/session.js';
import { step } from '../terminal/progress.mjs';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';

const SERVERS = {
  Postgres: { variable: 'DATABASE_URL', start: startPostgres },
  Redis: { variable: 'REDIS_URL', start: startRedis },
} as const;

/**
 * The server that its variable names, else one of our own. The data survive a restart, except those
 * of `isForTests`. The caller owns the data folder.
 */
export function serverUrl(
  session: Session,
  name: keyof typeof SERVERS,
  { isForTests = false } = {},
): Promise<string> {
  const { variable, start } = SERVERS[name];
  return step(name, async (say) => {
    const url = process.env[variable];
    if (url) {
      say(`${variable}, ${describeUrl(url)}`);
      return url;
    }
    say('starting');
    const logName = `${isForTests ? 'test-' : ''}${name.toLowerCase()}`;
    const folder = isForTests ? session.temporaryFolder(logName) : join(dataFolder, logName);
    const own = await start(session, { folder, logName, isDurable: !isForTests }, say);
    const note = isForTests ? ', thrown away afterwards' : '';
    say(`${own.program} on 127.0.0.1:${own.port}${note}`);
    return own.url;
  });
}

/** The two databases of the local stack. */
export async function localDatabases(session: Session): Promise<DatabaseUrls> {
  const url = await serverUrl(session, 'Postgres');
  const databaseUrl = process.env['DATABASE_URL'] ? url : withDatabase(url, 'quittance');
  const besides = withDatabase(databaseUrl, `${databaseName(databaseUrl)}_orders`);
  return { databaseUrl, ordersDatabaseUrl: process.env['ORDERS_DATABASE_URL'] || besides };
}
