// The reference order domain: shows what a subscriber of payment events looks like, and lets a demo see that they
// arrive. It has its own database and shares nothing with Quittance but the queue.
import { connectPaymentEvents } from '@quittance/events';
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
import { RedisConnections } from '@quittance/queues';
import { ordersConfig } from './config.js';
import { ordersDatabase } from './orders-database.js';
import { OrdersModule } from './orders.module.js';

await runMain(async () => {
  const { http, postgres, redis, events } = loadConfig(ordersConfig, process.env);
  const log = createLogger({ name: 'orders', level: http.logLevel });
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const database = ordersDatabase({ ...postgres, log });
  const connections = new RedisConnections({ url: redis.url, log });
  await waitFor({ name: 'postgres', check: () => database.query('SELECT 1'), log });
  await waitFor({ name: 'redis', check: () => connections.ping(), log });

  const checks = {
    postgres: () => database.query('SELECT 1'),
    redis: () => connections.ping(),
  };
  const app = await createHttpApp(OrdersModule.register({ database, metrics, checks }), {
    logger: log,
    metrics,
  });
  const { subscriber, concurrency } = events;
  const consumed = { subscriber, redisUrl: redis.url, prefix: redis.prefix, concurrency };
  await connectPaymentEvents(app, { ...consumed, database, log, metrics });
  const close = async () => {
    await app.close();
    await Promise.all([database.end(), connections.close()]);
  };
  stopOnSignals({ close }, { logger: log });
  await listen(app, { ...http, portVariable: 'ORDERS_PORT', logger: log });
});
