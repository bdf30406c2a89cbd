// The reference order domain: shows what a subscriber of payment events looks like, and lets a demo
// see that they arrive. It has its own database and shares nothing with Quittance but the queue.
import {
  createLogger,
  listen,
  loadConfig,
  Metrics,
  runMain,
  stopOnSignals,
} from '@quittance/platform';
import { ordersConfig } from './config.js';
import { createApp } from './create-app.js';

await runMain(async () => {
  const config = loadConfig(ordersConfig, process.env);
  const { host, port, logLevel } = config.http;
  const logger = createLogger({ name: 'orders', level: logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const app = await createApp(config, { logger, metrics });
  stopOnSignals(app, { logger });
  await listen(app, { host, port, portVariable: 'ORDERS_PORT', logger });
});
