// The worker process: submits payments, inquires at the gateway, relays commits to the queues.
import {
  createLogger,
  loadConfig,
  Metrics,
  runMain,
  startTraceExport,
  stopOnSignals,
} from '@quittance/platform';
import { createHttpApp, listen } from '@quittance/server';
import { AppModule } from './app.module.js';
import { workerConfig } from './config.js';
import { JobWatch } from './jobs/job-watch.js';

await runMain(async () => {
  const config = loadConfig(workerConfig, process.env);
  const { host, port, logLevel } = config.http;
  const logger = createLogger({ name: 'worker', level: logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const traces = await startTraceExport('worker', config.traces, logger);
  const app = await createHttpApp(AppModule.forRoot(config), { logger, metrics });
  const limitMs = config.jobs.stopLimitMs + 10_000;
  const end = stopOnSignals(app, { logger, limitMs, afterwards: traces.stop });
  app.get(JobWatch, { strict: false }).consumption.onStuck = end;
  await listen(app, { host, port, portVariable: 'WORKER_PORT', logger });
});
