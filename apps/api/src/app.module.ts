// The root module of the api.
import { type DynamicModule, Module } from '@nestjs/common';
import { PostgresModule, RedisModule, VaultModule } from '@quittance/modules';
import { postgresCheck } from '@quittance/persistence';
import { ConfigModule, HealthModule, MetricsModule } from '@quittance/server';
import { PostgresClock } from '@quittance/postgres';
import { RedisConnections } from '@quittance/queues';
import { Pool } from 'pg';
import { AccessModule } from './access/access.module.js';
import { BatchesModule } from './batches/batches.module.js';
import { type ApiConfig, apiConfig } from './config.js';
import { DocsController } from './docs/docs.controller.js';
import { IndexController } from './docs/index.controller.js';
import { DropInModule } from './drop-in/drop-in.module.js';
import { EventsModule } from './events/events.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OpsModule } from './ops/ops.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { PublishingModule } from './publishing/publishing.module.js';
import { RefundsModule } from './refunds/refunds.module.js';
import { ReturnsModule } from './returns/returns.module.js';
import { SealingKeysController } from './sealing-keys/sealing-keys.controller.js';

@Module({
  imports: [
    AccessModule,
    IntakeModule,
    BatchesModule,
    DropInModule,
    PaymentsModule,
    PublishingModule,
    RefundsModule,
    ReturnsModule,
    EventsModule,
    OpsModule,
    VaultModule,
    MetricsModule,
    HealthModule.registerAsync({
      imports: [PostgresModule, RedisModule],
      inject: [Pool, RedisConnections, PostgresClock],
      useFactory: (pool: Pool, redis: RedisConnections, clock: PostgresClock) => [
        { name: 'postgres', run: postgresCheck(pool) },
        // Payments are accepted into Postgres. The relay catches up once Redis is available.
        { name: 'redis', needed: false, run: () => redis.check() },
        { name: 'clock', run: clock.check },
      ],
    }),
  ],
  controllers: [IndexController, OpenApiController, DocsController, SealingKeysController],
})
export class AppModule {
  static forRoot(config: ApiConfig): DynamicModule {
    return { module: AppModule, imports: [ConfigModule.forRoot('api', apiConfig, config)] };
  }
}
