// The servers of one run of the tests.
import { randomBytes } from 'node:crypto';
import type { Session } from '../../tools/processes/session.js';
import { serverUrl } from '../../tools/servers/local.js';
import { findRedis } from '../../tools/servers/redis.js';
import { ensurePgBouncer } from './pgbouncer.js';

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
  await ensurePgBouncer();
  const databaseUrl = await serverUrl(session, 'Postgres', { isForTests: true });
  const redisUrl = await serverUrl(session, 'Redis', { isForTests: true });
  return { run, databaseUrl, redisUrl, redisProgram: findRedis() };
}
