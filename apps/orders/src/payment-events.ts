// The subscription to payment events.
import { type INestApplication, Injectable } from '@nestjs/common';
import { connectPaymentEvents, type EventTransport, subscriberQueue } from '@quittance/events';
import { Logger, Metrics, NotReady, waitFor } from '@quittance/platform';
import { PostgresClock } from '@quittance/postgres';
import { RedisConnections, RedisSettings } from '@quittance/queues';
import { Pool } from 'pg';
import { SubscriptionSettings } from './config.js';

@Injectable()
export class PaymentEvents {
  #transport: EventTransport | undefined;

  constructor(
    private readonly redis: RedisSettings,
    private readonly settings: SubscriptionSettings,
    private readonly database: Pool,
    private readonly clock: PostgresClock,
    private readonly log: Logger,
    private readonly metrics: Metrics,
  ) {}

  /**
   * Delivers events to the application's handlers until it is closed. Waits for Redis first,
   * without a limit.
   */
  async connect(app: INestApplication): Promise<void> {
    const { database, clock, log, metrics } = this;
    const { subscriber, transactions, lockDurationMs } = this.settings;
    const { url: redisUrl, prefix } = this.redis;
    const probeKey = `${prefix}:${subscriberQueue(subscriber)}:probe`;
    const connections = new RedisConnections({ url: redisUrl, log, probeKey });
    await waitFor({ name: 'redis', check: () => connections.check(), log });
    await connections.close();
    this.#transport = await connectPaymentEvents(app, {
      subscriber,
      transactions,
      lockDurationMs,
      redisUrl,
      prefix,
      database,
      clock,
      log,
      metrics,
    });
  }

  /** For `/readyz`. Uses the connections that receive the events. */
  async check(): Promise<void> {
    if (!this.#transport) throw new NotReady('not connected');
    await this.#transport.check();
  }
}
