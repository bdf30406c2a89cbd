// The webhook process: receives the gateway's callbacks.
import {
  createLogger,
  loadConfig,
  Metrics,
  runMain,
  startTraceExport,
  stopOnSignals,
} from '@quittance/platform';
import { listen } from '@quittance/server';
import { webhookConfig } from './config.js';
import { createApp } from './create-app.js';

await runMain(async () => {
  const config = loadConfig(webhookConfig, process.env);
  const { host, port, logLevel } = config.http;
  const logger = createLogger({ name: 'webhook', level: logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const traces = await startTraceExport('webhook', config.traces, logger);
  const app = await createApp(config, { logger, metrics });
  stopOnSignals(app, { logger, afterwards: traces.stop });
  await listen(app, { host, port, portVariable: 'WEBHOOK_PORT', logger });
});
