// The reference order domain: shows what a subscriber of payment events looks like, and lets a demo see that they
// arrive. It has its own database and shares nothing with Quittance but the queue.
import { createLogger, loadConfig, runMain, stopOnSignals } from '@quittance/platform';
import { ordersConfig } from './config.js';
import { startOrders } from './start-orders.js';

await runMain(async () => {
  const config = loadConfig(ordersConfig, process.env);
  const log = createLogger({ name: 'orders', level: config.http.logLevel });
  stopOnSignals(await startOrders(config, log), { logger: log });
});
