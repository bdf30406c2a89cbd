// Postgres and Redis for one command: those the environment names, else servers of our own.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { databaseName, describeUrl, withDatabase } from '@quittance/databases';
import { dataPath } from '../place.mjs';
import type { Session } from '../processes/session.js';
import { step } from '../terminal/progress.mjs';
import { DURABLE, THROWAWAY, startPostgres } from './postgres.js';
import { redisProgram } from './redis-program.js';
import { APPEND_ONLY, IN_MEMORY, startRedis } from './redis.js';
import { newPassword, remember, remembered } from './remembered.js';

type Say = (detail: string) => void;

async function ownPostgres(session: Session, say: Say): Promise<string> {
  const { port: preferredPort, password = newPassword() } = remembered().postgres ?? {};
  // Remembered before the cluster exists: a cluster whose password is lost is of no use.
  remember('postgres', { port: preferredPort, password });
  const folder = join(dataPath(), 'postgres');
  say('starting');
  const options = { folder, password, preferredPort, durability: DURABLE, logName: 'postgres' };
  const server = await startPostgres(session, options);
  remember('postgres', { port: server.port, password });
  say(`PostgreSQL ${server.version} on 127.0.0.1:${server.port}`);
  return server.url;
}

async function ownRedis(session: Session, say: Say): Promise<string> {
  const program = await redisProgram({ mayInstall: true, say });
  const { port: preferredPort, password = newPassword() } = remembered().redis ?? {};
  const options = { program, folder: dataPath('redis'), password, preferredPort };
  const server = await startRedis(session, {
    ...options,
    persistence: APPEND_ONLY,
    logName: 'redis',
  });
  remember('redis', { port: server.port, password });
  say(`${program} on 127.0.0.1:${server.port}`);
  return server.url;
}

/**
 * The two databases of the local stack; their data survive a restart. The caller holds the lock
 * `stack`.
 */
export async function localDatabases(
  session: Session,
  env = process.env,
): Promise<{ databaseUrl: string; ordersDatabaseUrl: string }> {
  const databaseUrl = await step('Postgres', async (say) => {
    if (!env['DATABASE_URL']) return withDatabase(await ownPostgres(session, say), 'quittance');
    say(`DATABASE_URL, ${describeUrl(env['DATABASE_URL'])}`);
    return env['DATABASE_URL'];
  });
  const besides = withDatabase(databaseUrl, `${databaseName(databaseUrl)}_orders`);
  return { databaseUrl, ordersDatabaseUrl: env['ORDERS_DATABASE_URL'] || besides };
}

/** The Redis of the local stack. The caller holds the lock `stack`. */
export function localRedis(session: Session, env = process.env): Promise<string> {
  return step('Redis', async (say) => {
    if (!env['REDIS_URL']) return ownRedis(session, say);
    say(`REDIS_URL, ${describeUrl(env['REDIS_URL'])}`);
    return env['REDIS_URL'];
  });
}

async function throwawayPostgres(session: Session, say: Say, run: string): Promise<string> {
  const folder = join(dataPath('test'), `postgres-${run}`);
  session.removeAtEnd(folder);
  const options = {
    folder,
    password: newPassword(),
    durability: THROWAWAY,
    logName: 'test-postgres',
  };
  const server = await startPostgres(session, options);
  say(`PostgreSQL ${server.version} on 127.0.0.1:${server.port}, thrown away afterwards`);
  return server.url;
}

async function throwawayRedis(
  session: Session,
  say: Say,
  { run, program }: { run: string; program: string },
): Promise<string> {
  const folder = dataPath('test', `redis-${run}`);
  session.removeAtEnd(folder);
  const options = {
    program,
    folder,
    password: newPassword(),
    persistence: IN_MEMORY,
    logName: 'test-redis',
  };
  const server = await startRedis(session, options);
  say(`${program} on 127.0.0.1:${server.port}, thrown away afterwards`);
  return server.url;
}

/**
 * `run` marks what belongs to this run on a server shared with others; `redisProgram` is for tests
 * that stop a Redis.
 */
export interface TestServers {
  readonly run: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly redisProgram: string | undefined;
}

/**
 * Servers for tests. Each run has its own, so runs may overlap with each other and with the local
 * stack.
 */
export async function testServers(session: Session, env = process.env): Promise<TestServers> {
  const run = randomBytes(4).toString('hex');
  const databaseUrl = await step('Postgres', async (say) => {
    if (!env['DATABASE_URL']) return throwawayPostgres(session, say, run);
    say(`DATABASE_URL, ${describeUrl(env['DATABASE_URL'])}`);
    return env['DATABASE_URL'];
  });
  return step('Redis', async (say) => {
    if (!env['REDIS_URL']) {
      const program = await redisProgram({ mayInstall: true, say });
      const redisUrl = await throwawayRedis(session, say, { run, program });
      return { run, databaseUrl, redisUrl, redisProgram: program };
    }
    say(`REDIS_URL, ${describeUrl(env['REDIS_URL'])}`);
    const program = await redisProgram({ mayInstall: false, say }).catch(() => undefined);
    return { run, databaseUrl, redisUrl: env['REDIS_URL'], redisProgram: program };
  });
}
