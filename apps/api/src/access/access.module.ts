// API keys, the limits on their use and the guard that asks for scopes, for every module with guarded routes.
import {
  type DynamicModule,
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Clock, LOGGER, type Logger } from '@quittance/platform';
import { Pool } from 'pg';
import { ApiKeys } from './api-keys.js';
import { Authentication } from './authentication.js';
import { RequestLimits } from './limits/request-limits.js';
import { UsedNonces } from './signature/used-nonces.js';

@Global()
@Module({})
export class AccessModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(ApiKeys) private readonly keys: ApiKeys,
    @Inject(UsedNonces) private readonly nonces: UsedNonces,
  ) {}

  static register(limits: RequestLimits): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        { provide: RequestLimits, useValue: limits },
        {
          provide: ApiKeys,
          useFactory: (pool: Pool, clock: Clock, log: Logger) => new ApiKeys(pool, clock, log),
          inject: [Pool, Clock, LOGGER],
        },
        {
          provide: UsedNonces,
          useFactory: (pool: Pool, log: Logger) => new UsedNonces(pool, log),
          inject: [Pool, LOGGER],
        },
        {
          provide: Authentication,
          useFactory: (keys: ApiKeys, nonces: UsedNonces, clock: Clock) =>
            new Authentication({ keys, limits, nonces, clock }),
          inject: [ApiKeys, UsedNonces, Clock],
        },
      ],
      exports: [Authentication],
    };
  }

  onModuleInit(): void {
    this.keys.start();
    this.nonces.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.keys.stop(), this.nonces.stop()]);
  }
}
