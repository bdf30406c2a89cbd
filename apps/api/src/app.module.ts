// The api as one module.
import { type DynamicModule, Module } from '@nestjs/common';
import {
  HealthModule,
  type HttpLimits,
  type Logger,
  type Metrics,
  MetricsModule,
} from '@quittance/platform';
import { KeyWatch, postgresCheck } from '@quittance/persistence';
import { AccessModule } from './access/access.module.js';
import { createRequestLimits } from './access/limits/create-request-limits.js';
import type { ApiConfig } from './config.js';
import type { Connections } from './connections/connections.js';
import { ConnectionsModule } from './connections/connections.module.js';
import { DocsController } from './docs/docs.controller.js';
import { EventsModule } from './events/events.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OpsModule } from './ops/ops.module.js';
import { HoldingPlaces } from './payments/holding-places.js';
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
  /** What differs from the limits every server has. */
  readonly httpLimits?: Partial<HttpLimits>;
}

@Module({})
export class AppModule {
  static register({ config, connections, metrics, log }: ApiParts): DynamicModule {
    const { pool, redis, clock } = connections;
    const keyWatch = new KeyWatch({ app: 'api', document: config.keys.keySet, pool, log });
    const { keys } = keyWatch;
    const limits = createRequestLimits({
      redis: redis.limiter,
      prefix: config.redis.prefix,
      ...config.limits,
      metrics,
      log,
    });
    const places = new HoldingPlaces({ ...config.heldAnswers, metrics });
    const checks = [
      { name: 'postgres', run: postgresCheck(pool) },
      // Payments are accepted into Postgres; the relay catches up once Redis is back.
      { name: 'redis', needed: false, run: () => redis.check() },
      { name: 'clock', run: clock.check },
    ];
    return {
      module: AppModule,
      imports: [
        ConnectionsModule.register({ config, connections, keyWatch, metrics, log }),
        AccessModule.register(limits),
        PaymentsModule.register(places),
        EventsModule,
        RefundsModule.register({ ...config.intake, places }),
        IntakeModule.register({ keys, ...config.intake }),
        OpsModule.register(config.events.subscribers),
        MetricsModule.register(metrics),
        HealthModule.register({ checks, metrics }),
      ],
      controllers: [OpenApiController, DocsController, SealingKeysController],
      providers: [{ provide: SEALING_KEYS, useValue: keys }],
    };
  }
}
