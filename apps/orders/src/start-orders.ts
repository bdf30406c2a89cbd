// Brings the order domain up from its settings: waits for what it needs, then listens and consumes.
import { connectPaymentEvents, type EventTransport, subscriberQueue } from '@quittance/events';
import { createHttpApp, listen, type Logger, Metrics, waitFor } from '@quittance/platform';
import { postgresCheck, PostgresClock } from '@quittance/postgres';
import { RedisConnections } from '@quittance/queues';
import type { OrdersConfig } from './config.js';
import { ordersDatabase } from './orders-database.js';
import { OrdersModule } from './orders.module.js';

/** A running order domain. */
export interface RunningOrders {
  readonly url: string;
  /** Finishes the events and requests in hand, then lets go of everything. */
  close(): Promise<void>;
}

/** Starts the order domain. Waits for Postgres and Redis as long as it takes. */
export async function startOrders(config: OrdersConfig, log: Logger): Promise<RunningOrders> {
  const { http, postgres, redis, events } = config;
  const metrics = new Metrics();
  metrics.collectProcessMetrics();
  const database = ordersDatabase({ ...postgres, log });
  const clock = new PostgresClock({ pool: database, log, metrics });
  const probeKey = `${redis.prefix}:${subscriberQueue(events.subscriber)}:probe`;
  const connections = new RedisConnections({ url: redis.url, log, probeKey });
  let transport: EventTransport | undefined;
  const checks = [
    { name: 'postgres', run: postgresCheck(database) },
    // Once events are taken, over the connections that take them.
    { name: 'redis', run: () => (transport ?? connections).check() },
    { name: 'clock', run: clock.check },
  ];
  await waitFor({ name: 'postgres', check: () => clock.ask(), log });
  await waitFor({ name: 'redis', check: () => connections.check(), log });
  await connections.close();

  const root = OrdersModule.register({ database, metrics, checks });
  const app = await createHttpApp(root, { logger: log, metrics });
  const consumed = { ...events, redisUrl: redis.url, prefix: redis.prefix, clock };
  transport = await connectPaymentEvents(app, { ...consumed, database, log, metrics });
  clock.start();
  const url = await listen(app, { ...http, portVariable: 'ORDERS_PORT', logger: log });
  return {
    url,
    close: async () => {
      await app.close();
      await clock.stop();
      await database.end();
    },
  };
}
