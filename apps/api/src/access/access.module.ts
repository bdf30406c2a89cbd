// API keys and the guard that asks for them, for every module with guarded routes.
import {
  Global,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Clock, LOGGER, type Logger } from '@quittance/platform';
import { Pool } from 'pg';
import { ApiKeys } from './api-keys.js';

@Global()
@Module({
  providers: [
    {
      provide: ApiKeys,
      useFactory: (pool: Pool, clock: Clock, log: Logger) => new ApiKeys(pool, clock, log),
      inject: [Pool, Clock, LOGGER],
    },
  ],
  exports: [ApiKeys],
})
export class AccessModule implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(ApiKeys) private readonly keys: ApiKeys) {}

  onModuleInit(): void {
    this.keys.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.keys.stop();
  }
}
