// Postgres and Redis for one command: those the environment names, else servers of our own.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { databaseName, describeUrl, withDatabase, type DatabaseUrls } from '@quittance/databases';
import { dataFolder } from '../place.mjs';
import type { Session } from '../processes/session.js';
import { step } from '../terminal/progress.mjs';
import { startPostgres } from './postgres.js';
import { findRedis, startRedis } from './redis.js';

const POSTGRES = { name: 'Postgres', variable: 'DATABASE_URL', start: startPostgres } as const;
const REDIS = { name: 'Redis', variable: 'REDIS_URL', start: startRedis } as const;
type Server = typeof POSTGRES | typeof REDIS;

const logNameOf = ({ name }: Server) => name.toLowerCase();
const localFolder = (server: Server) => join(dataFolder, logNameOf(server));

/** The server that the variable names, else one of our own: for good, or for tests alone. */
function serverUrl(session: Session, server: Server, isForTests = false): Promise<string> {
  const { name, variable, start } = server;
  return step(name, async (say) => {
    const url = process.env[variable];
    if (url) {
      say(`${variable}, ${describeUrl(url)}`);
      return url;
    }
    say('starting');
    const logName = `${isForTests ? 'test-' : ''}${logNameOf(server)}`;
    const folder = isForTests ? session.temporaryFolder(logName) : localFolder(server);
    const own = await start(session, { folder, logName, isDurable: !isForTests }, say);
    const note = isForTests ? ', thrown away afterwards' : '';
    say(`${own.program} on 127.0.0.1:${own.port}${note}`);
    return own.url;
  });
}

/**
 * The two databases of the local stack; their data survive a restart. The caller owns the data
 * folder.
 */
export async function localDatabases(session: Session): Promise<DatabaseUrls> {
  const url = await serverUrl(session, POSTGRES);
  const databaseUrl = process.env['DATABASE_URL'] ? url : withDatabase(url, 'quittance');
  const besides = withDatabase(databaseUrl, `${databaseName(databaseUrl)}_orders`);
  return { databaseUrl, ordersDatabaseUrl: process.env['ORDERS_DATABASE_URL'] || besides };
}

/** The Redis of the local stack. The caller owns the data folder. */
export const localRedis = (session: Session): Promise<string> => serverUrl(session, REDIS);

/** `run` marks what belongs to this run on a server shared with others. */
export interface TestServers {
  readonly run: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** For tests that stop a Redis of their own. */
  readonly redisProgram: string | undefined;
}

/**
 * Servers for tests. Each run has its own, so runs may overlap with each other and with the local
 * stack.
 */
export async function testServers(session: Session): Promise<TestServers> {
  const run = randomBytes(4).toString('hex');
  const databaseUrl = await serverUrl(session, POSTGRES, true);
  const redisUrl = await serverUrl(session, REDIS, true);
  return { run, databaseUrl, redisUrl, redisProgram: findRedis() };
}
