// The webhook's root module.
import { type DynamicModule, Module } from '@nestjs/common';
import {
  PostgresModule,
  QueuesModule,
  RedisModule,
  storeProviders,
  TerminalKeys,
  VaultModule,
} from '@quittance/modules';
import {
  inquiriesOf,
  observeMoves,
  observeRefused,
  type OnCommitted,
  Payments,
  postgresCheck,
  Terminals,
} from '@quittance/persistence';
import { Logger, Metrics } from '@quittance/platform';
import { ConfigModule, HealthModule, MetricsModule } from '@quittance/server';
import { PostgresClock } from '@quittance/postgres';
import { DirectOrders, inquiryJob, RedisConnections } from '@quittance/queues';
import { Pool } from 'pg';
import { ReceptionSettings, type WebhookConfig, webhookConfig } from './config.js';
import { BufferedCallbacks } from './outage/buffered-callbacks.js';
import { BufferDrain } from './reception/buffer-drain.js';
import { observeBuffer } from './outage/buffer-metrics.js';
import { ResponseTicks } from './reception/response-ticks.js';
import { CallbackController } from './reception/callback.controller.js';
import { CallbackCounter } from './reception/callback-counter.js';
import { CallbackSources } from './reception/callback-sources.js';
import { CallbackReception } from './reception/callback-reception.js';

@Module({
  imports: [
    PostgresModule,
    QueuesModule,
    VaultModule,
    MetricsModule,
    HealthModule.registerAsync({
      imports: [PostgresModule, RedisModule],
      inject: [Pool, RedisConnections, PostgresClock],
      // A callback is stored in Postgres or buffered in Redis, so one of the two is enough.
      useFactory: (pool: Pool, redis: RedisConnections, clock: PostgresClock) => [
        { name: 'postgres', needed: (isUp) => !isUp('redis'), run: postgresCheck(pool) },
        { name: 'redis', needed: (isUp) => !isUp('postgres'), run: () => redis.check() },
        { name: 'clock', run: clock.check },
      ],
    }),
  ],
  controllers: [CallbackController],
  providers: [
    ...storeProviders(Terminals),
    {
      provide: Payments,
      inject: [Pool, DirectOrders, Metrics, Logger],
      // Without the relay of PaymentStoreModule: a callback causes no transition, so there is
      // nothing to publish, but an inquiry to order. A callback that does not match its payment
      // raises an alert.
      useFactory: (pool: Pool, orders: DirectOrders, metrics: Metrics, log: Logger) => {
        const count = observeMoves(metrics, log);
        const onCommitted: OnCommitted = (committed) => {
          void orders.addDue(inquiriesOf(committed).map(inquiryJob));
          count(committed);
        };
        return new Payments(pool, onCommitted, observeRefused(metrics, log));
      },
    },
    {
      provide: ResponseTicks,
      inject: [ReceptionSettings],
      useFactory: ({ answerAfterMs }: ReceptionSettings) => new ResponseTicks(answerAfterMs),
    },
    {
      provide: CallbackSources,
      inject: [ReceptionSettings],
      useFactory: ({ sources, trustedProxies }: ReceptionSettings) =>
        new CallbackSources(sources, trustedProxies),
    },
    CallbackCounter,
    TerminalKeys,
    CallbackReception,
    BufferedCallbacks,
    BufferDrain,
  ],
})
export class AppModule {
  static forRoot(config: WebhookConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [ConfigModule.forRoot('webhook', webhookConfig, config)],
    };
  }

  constructor(buffer: BufferedCallbacks, metrics: Metrics) {
    observeBuffer(buffer, metrics);
  }
}
