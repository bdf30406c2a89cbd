// The worker as it runs: its own module on the rig's Postgres and a share of Redis, until it is
// stopped.
import { createHttpApp, loadConfig } from '@quittance/platform';
import type { TestRedis } from '../../../test/support/redis.js';
import { AppModule } from '../src/app.module.js';
import { workerConfig } from '../src/config.js';
import type { WorkerRig } from './worker-rig.js';

export interface RunningWorker {
  stop(): Promise<void>;
}

/**
 * Starts one. `env` are settings beside those that lead it to the rig; `databaseUrl` is another way
 * to the rig's Postgres.
 */
export async function startWorker(
  { database, keySetJson, log }: WorkerRig,
  share: TestRedis,
  env: Readonly<Record<string, string>> = {},
  databaseUrl = database.url,
): Promise<RunningWorker> {
  const config = loadConfig(workerConfig, {
    DATABASE_URL: databaseUrl,
    REDIS_URL: share.url,
    QUEUE_PREFIX: share.prefix,
    QUITTANCE_KEYSET: keySetJson,
    GATEWAY_TIMEOUT_MS: '2000',
    ...env,
  });
  const app = await createHttpApp(AppModule.forRoot(config), { logger: log });
  await app.init();
  return { stop: () => app.close() };
}
