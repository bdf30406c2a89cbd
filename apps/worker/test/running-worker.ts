// Runs the worker's root module on the rig's Postgres and a prefix of Redis.
import { loadConfig, Metrics } from '@quittance/platform';
import { createHttpApp } from '@quittance/server';
import type { TestRedis } from '../../../test/support/redis.js';
import { AppModule } from '../src/app.module.js';
import { workerConfig } from '../src/config.js';
import { WorkerJobs } from '../src/jobs/worker-jobs.js';
import type { WorkerRig } from './worker-rig.js';

export interface RunningWorker {
  readonly metrics: Metrics;
  /** False once the worker stops and takes no job any more. */
  takesJobs(): boolean;
  stop(): Promise<void>;
}

/**
 * Starts a worker. `env` contains additional settings; `databaseUrl` is the address of the rig's
 * Postgres, or of a proxy to it.
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
  const metrics = new Metrics();
  const app = await createHttpApp(AppModule.forRoot(config), { logger: log, metrics });
  await app.init();
  const jobs = app.get(WorkerJobs, { strict: false });
  const takesJobs = () => [...jobs.workers()].length > 0;
  return { metrics, takesJobs, stop: () => app.close() };
}
