// The api as one module.
import { type DynamicModule, Module } from '@nestjs/common';
import { HealthModule, type Logger, type Metrics, MetricsModule } from '@quittance/platform';
import { AccessModule } from './access/access.module.js';
import type { ApiConfig } from './config.js';
import type { Connections } from './connections/connections.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { DocsController } from './docs/docs.controller.js';
import { EventsModule } from './events/events.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OpsModule } from './ops/ops.module.js';
import { PaymentsModule } from './payments/payments.module.js';
import { SEALING_KEYS } from './sealing-keys/sealing-keys.js';
import { SealingKeysController } from './sealing-keys/sealing-keys.controller.js';
import { RefundsModule } from './refunds/refunds.module.js';

/** What the api is made of besides its code. */
export interface ApiParts {
  readonly config: ApiConfig;
  readonly connections: Connections;
  readonly metrics: Metrics;
  readonly log: Logger;
}

@Module({})
export class AppModule {
  static register({ config, connections, metrics, log }: ApiParts): DynamicModule {
    const { pool, redis } = connections;
    const checks = { postgres: () => pool.query('SELECT 1'), redis: () => redis.ping() };
    return {
      module: AppModule,
      imports: [
        ConnectionsModule.register({ config, connections, metrics, log }),
        AccessModule,
        PaymentsModule,
        EventsModule,
        RefundsModule.register(config.intake),
        IntakeModule.register({ keys: config.keys.keySet, ...config.intake }),
        OpsModule.register(config.events.subscribers),
        MetricsModule.register(metrics),
        HealthModule.register({ checks }),
      ],
      controllers: [OpenApiController, DocsController, SealingKeysController],
      providers: [{ provide: SEALING_KEYS, useValue: config.keys.keySet }],
    };
  }
}
