// The webhook process: takes the gateway's callbacks.
import { createPool } from '@quittance/persistence';
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
import { webhookConfig } from './config.js';
import { takeBodiesAsText } from './raw-bodies.js';
import { cutOffSlowSenders } from './slow-senders.js';

await runMain(async () => {
  const config = loadConfig(webhookConfig, process.env);
  const log = createLogger({ name: 'webhook', level: config.http.logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const pool = createPool({
    databaseUrl: config.postgres.databaseUrl.reveal(),
    connections: config.postgres.connections,
    applicationName: 'quittance-webhook',
    onError: (err) => log.warn({ err }, 'an idle connection to Postgres broke'),
  });
  const clock = new PostgresClock({ pool, log, metrics });
  const probeKey = `${config.redis.prefix}-probe`;
  const redis = new RedisConnections({ url: config.redis.url, log, probeKey });
  await waitFor({ name: 'postgres', check: () => clock.ask(), log });

  const app = await createHttpApp(
    AppModule.register({ config, clock, log, metrics, pool, redis }),
    {
      logger: log,
      metrics,
    },
  );
  takeBodiesAsText(app);
  cutOffSlowSenders(app, config.reception.arrivesWithinMs);
  const { host, port } = config.http;
  stopOnSignals(app, { logger: log });
  await listen(app, { host, port, portVariable: 'WEBHOOK_PORT', logger: log });
});
