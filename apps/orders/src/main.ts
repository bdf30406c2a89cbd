// The reference order domain. It shows the form of a subscriber of payment events, and makes their
// arrival visible in a demo. It has its own database and shares only the queue with Quittance.
import {
  createLogger,
  loadConfig,
  Metrics,
  runMain,
  startTraceExport,
  stopOnSignals,
} from '@quittance/platform';
import { listen } from '@quittance/server';
import { ordersConfig } from './config.js';
import { createApp } from './create-app.js';
import { PaymentEvents } from './payment-events.js';

await runMain(async () => {
  const config = loadConfig(ordersConfig, process.env);
  const { host, port, logLevel } = config.http;
  const logger = createLogger({ name: 'orders', level: logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const traces = await startTraceExport('orders', config.traces, logger);
  const app = await createApp(config, { logger, metrics });
  const end = stopOnSignals(app, { logger, afterwards: traces.stop });
  app.get(PaymentEvents, { strict: false }).endWhenStuck(end);
  await listen(app, { host, port, portVariable: 'ORDERS_PORT', logger });
});
