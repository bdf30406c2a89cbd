// The subscription to payment events.
import { type INestApplication, Injectable } from '@nestjs/common';
import { connectPaymentEvents, type EventTransport, subscriberKeys } from '@quittance/events';
import { Logger, Metrics, NotReady, waitFor } from '@quittance/platform';
import { PostgresClock } from '@quittance/postgres';
import { ConsumptionSettings, RedisConnections, RedisSettings } from '@quittance/queues';
import { Pool } from 'pg';
import { SubscriptionSettings } from './config.js';

@Injectable()
export class PaymentEvents {
  #transport: EventTransport | undefined;

  constructor(
    private readonly redis: RedisSettings,
    private readonly settings: SubscriptionSettings,
    private readonly consumption: ConsumptionSettings,
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
    const { subscriber, transactions, lockDurationMs, inboxDays } = this.settings;
    const { url: redisUrl, prefix } = this.redis;
    const probeKey = `${subscriberKeys(redisUrl, prefix, subscriber)}:probe`;
    const connections = new RedisConnections({ url: redisUrl, log, probeKey });
    await waitFor({ name: 'redis', check: () => connections.check(), log });
    await connections.close();
    this.#transport = await connectPaymentEvents(app, {
      subscriber,
      transactions,
      lockDurationMs,
      inboxDays,
      consumption: this.consumption,
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
    await this.#connected.check();
  }

  /** For `/readyz`. Rejects when no events have been fetched for too long. */
  async checkConsumption(): Promise<void> {
    await this.#connected.consumption.check();
  }

  /** Calls `end` with the reason when only a restart lets events be received again. */
  endWhenStuck(end: (reason: string) => void): void {
    this.#connected.consumption.onStuck = end;
  }

  get #connected(): EventTransport {
    if (!this.#transport) throw new NotReady('not connected');
    return this.#transport;
  }
}
