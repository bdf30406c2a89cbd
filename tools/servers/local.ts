// Postgres and Redis for one command: those the environment names, else servers of our own.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { databaseName, describeUrl, withDatabase, type DatabaseUrls } from '@quittance/databases';
import { dataPath } from '../place.mjs';
import type { Session } from '../processes/session.js';
import { step } from '../terminal/progress.mjs';
import { DURABLE, startPostgres, THROWAWAY, type PostgresOptions } from './postgres.js';
import { findRedis, redisProgram } from './redis-program.js';
import { APPEND_ONLY, IN_MEMORY, startRedis, type RedisOptions } from './redis.js';
import { newPassword, startRemembered } from './remembered.js';

type Say = (detail: string) => void;

/** The server that a variable names, else one of our own. */
function server(
  name: string,
  variable: 'DATABASE_URL' | 'REDIS_URL',
  own: (say: Say) => Promise<string>,
): Promise<string> {
  return step(name, async (say) => {
    const url = process.env[variable];
    if (!url) return own(say);
    say(`${variable}, ${describeUrl(url)}`);
    return url;
  });
}

async function ownPostgres(session: Session, say: Say, options: PostgresOptions, note = '') {
  say('starting');
  const { version, port, url } = await startPostgres(session, options);
  say(`PostgreSQL ${version} on 127.0.0.1:${port}${note}`);
  return { port, url };
}

type OwnRedisOptions = Omit<RedisOptions, 'program'>;

async function ownRedis(session: Session, say: Say, options: OwnRedisOptions, note = '') {
  const program = await redisProgram(say);
  const { port, url } = await startRedis(session, { ...options, program });
  say(`${program} on 127.0.0.1:${port}${note}`);
  return { port, url };
}

/**
 * The two databases of the local stack; their data survive a restart. The caller owns the data
 * folder.
 */
export async function localDatabases(session: Session): Promise<DatabaseUrls> {
  const databaseUrl = await server('Postgres', 'DATABASE_URL', async (say) => {
    const place = { folder: join(dataPath(), 'postgres'), logName: 'postgres' };
    const url = await startRemembered('postgres', (as) =>
      ownPostgres(session, say, { ...place, ...as, durability: DURABLE }),
    );
    return withDatabase(url, 'quittance');
  });
  const besides = withDatabase(databaseUrl, `${databaseName(databaseUrl)}_orders`);
  return { databaseUrl, ordersDatabaseUrl: process.env['ORDERS_DATABASE_URL'] || besides };
}

/** The Redis of the local stack. The caller owns the data folder. */
export function localRedis(session: Session): Promise<string> {
  const place = { logName: 'redis', persistence: APPEND_ONLY };
  return server('Redis', 'REDIS_URL', (say) =>
    startRemembered('redis', (as) =>
      ownRedis(session, say, { ...place, ...as, folder: dataPath('redis') }),
    ),
  );
}

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
  const note = ', thrown away afterwards';
  const place = (name: string) => {
    const folder = dataPath('test', `${name}-${run}`);
    session.removeAtEnd(folder);
    return { folder, password: newPassword(), logName: `test-${name}` };
  };
  const databaseUrl = await server('Postgres', 'DATABASE_URL', async (say) => {
    const options = { ...place('postgres'), durability: THROWAWAY };
    return (await ownPostgres(session, say, options, note)).url;
  });
  const redisUrl = await server('Redis', 'REDIS_URL', async (say) => {
    const options = { ...place('redis'), persistence: IN_MEMORY };
    return (await ownRedis(session, say, options, note)).url;
  });
  return { run, databaseUrl, redisUrl, redisProgram: findRedis() };
}
