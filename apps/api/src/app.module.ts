// The api as one module.
import { type DynamicModule, Module } from '@nestjs/common';
import { observeBacklog } from '@quittance/persistence';
import { HealthModule, type Logger, type Metrics, MetricsModule } from '@quittance/platform';
import { AccessModule } from './access/access.module.js';
import type { ApiConfig } from './config.js';
import type { Connections } from './connections/connections.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { EventsModule } from './events/events.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { PaymentsModule } from './payments/payments.module.js';

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
    observeBacklog(pool, metrics);
    return {
      module: AppModule,
      imports: [
        ConnectionsModule.register({ config, connections, metrics, log }),
        AccessModule,
        PaymentsModule,
        EventsModule,
        IntakeModule.register({ keys: config.keys.keySet, ...config.intake }),
        MetricsModule.register(metrics),
        HealthModule.register({
          checks: { postgres: () => pool.query('SELECT 1'), redis: () => redis.ping() },
        }),
      ],
    };
  }
}
