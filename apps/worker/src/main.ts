// The worker process: submits payments, asks the gateway, relays what was committed.
import { createPool, KeyWatch } from '@quittance/persistence';
import {
  createHttpApp,
  createLogger,
  listen,
  loadConfig,
  Metrics,
  runMain,
  stopOnSignals,
  waitFor,
} from '@quittance/platform';
import { PostgresClock } from '@quittance/postgres';
import { RedisConnections } from '@quittance/queues';
import { AppModule } from './app.module.js';
import { workerConfig } from './config.js';

await runMain(async () => {
  const config = loadConfig(workerConfig, process.env);
  const log = createLogger({ name: 'worker', level: config.http.logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const pool = createPool({
    databaseUrl: config.postgres.databaseUrl.reveal(),
    connections: config.postgres.connections,
    applicationName: 'quittance-worker',
    onError: (err) => log.warn({ err }, 'an idle connection to Postgres broke'),
  });
  const clock = new PostgresClock({ pool, log, metrics });
  const probeKey = `${config.redis.prefix}-probe`;
  const redis = new RedisConnections({ url: config.redis.url, log, probeKey });
  await waitFor({ name: 'postgres', check: () => clock.ask(), log });
  await waitFor({ name: 'redis', check: () => redis.check(), log });

  const keyWatch = new KeyWatch({ app: 'worker', document: config.keys.keySet, pool, log });
  const parts = { config, clock, keyWatch, log, metrics, pool, redis };
  const app = await createHttpApp(AppModule.register(parts), { logger: log, metrics });
  const { host, port } = config.http;
  stopOnSignals(app, { logger: log, limitMs: config.jobs.stopLimitMs + 10_000 });
  await listen(app, { host, port, portVariable: 'WORKER_PORT', logger: log });
});
