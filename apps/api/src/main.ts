// Starts the api process.
import {
  createLogger,
  loadConfig,
  Metrics,
  runMain,
  startTraceExport,
  stopOnSignals,
} from '@quittance/platform';
import { listen } from '@quittance/server';
import { apiConfig } from './config.js';
import { createApp } from './create-app.js';

await runMain(async () => {
  const config = loadConfig(apiConfig, process.env);
  const { host, port, logLevel } = config.http;
  const logger = createLogger({ name: 'api', level: logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const traces = await startTraceExport('api', config.traces, logger);
  const app = await createApp(config, { logger, metrics });
  stopOnSignals(app, { logger, afterwards: traces.stop });
  await listen(app, { host, port, portVariable: 'API_PORT', logger });
});
