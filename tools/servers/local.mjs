// Postgres and Redis for one command: those the environment names, else servers of our own.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { databaseName, describeUrl, withDatabase } from '../database/databases.mjs';
import { dataPath } from '../place.mjs';
import { step } from '../terminal/progress.mjs';
import { DURABLE, THROWAWAY, startPostgres } from './postgres.mjs';
import { redisProgram } from './redis-program.mjs';
import { APPEND_ONLY, IN_MEMORY, startRedis } from './redis.mjs';
import { newPassword, remember, remembered } from './remembered.mjs';

async function ownPostgres(session, say) {
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

async function ownRedis(session, say) {
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
 * The two databases of the local stack; their data survive a restart. The caller holds the lock `stack`.
 * @returns {Promise<{ databaseUrl: string, ordersDatabaseUrl: string }>}
 */
export async function localDatabases(session, env = process.env) {
  const databaseUrl = await step('Postgres', async (say) => {
    if (!env.DATABASE_URL) return withDatabase(await ownPostgres(session, say), 'quittance');
    say(`DATABASE_URL, ${describeUrl(env.DATABASE_URL)}`);
    return env.DATABASE_URL;
  });
  const besides = withDatabase(databaseUrl, `${databaseName(databaseUrl)}_orders`);
  return { databaseUrl, ordersDatabaseUrl: env.ORDERS_DATABASE_URL || besides };
}

/** The Redis of the local stack. The caller holds the lock `stack`. */
export function localRedis(session, env = process.env) {
  return step('Redis', async (say) => {
    if (!env.REDIS_URL) return ownRedis(session, say);
    say(`REDIS_URL, ${describeUrl(env.REDIS_URL)}`);
    return env.REDIS_URL;
  });
}

async function throwawayPostgres(session, say, run) {
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

async function throwawayRedis(session, say, { run, program }) {
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
 * Servers for tests. Each run has its own, so runs may overlap with each other and with the local stack.
 * @returns {Promise<{ run: string, databaseUrl: string, redisUrl: string, redisProgram: string | undefined }>}
 *   `run` marks what belongs to this run on a server shared with others; `redisProgram` is for tests that stop a Redis
 */
export async function testServers(session, env = process.env) {
  const run = randomBytes(4).toString('hex');
  const databaseUrl = await step('Postgres', async (say) => {
    if (!env.DATABASE_URL) return throwawayPostgres(session, say, run);
    say(`DATABASE_URL, ${describeUrl(env.DATABASE_URL)}`);
    return env.DATABASE_URL;
  });
  return step('Redis', async (say) => {
    const mayInstall = !env.REDIS_URL;
    const program = await redisProgram({ mayInstall, say }).catch((problem) => {
      if (mayInstall) throw problem;
    });
    if (mayInstall) {
      return {
        run,
        databaseUrl,
        redisUrl: await throwawayRedis(session, say, { run, program }),
        redisProgram: program,
      };
    }
    say(`REDIS_URL, ${describeUrl(env.REDIS_URL)}`);
    return { run, databaseUrl, redisUrl: env.REDIS_URL, redisProgram: program };
  });
}
