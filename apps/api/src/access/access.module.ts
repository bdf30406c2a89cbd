// Provides API keys, the limits on their use, and the authentication of every request.
import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PostgresModule, RedisModule, storeProviders } from '@quittance/modules';
import { SignatureNonces, StoredApiKeys } from '@quittance/persistence';
import { ApiKeys } from './api-keys.js';
import { Authentication } from './authentication.js';
import { RequestLimits } from './limits/request-limits.js';
import { RequestsInFlight } from './limits/requests-in-flight.js';
import { RequestAdmission } from './request-admission.js';
import { SignedIntents } from './signed-intents.js';
import { UsedNonces } from './signature/used-nonces.js';

@Module({
  imports: [PostgresModule, RedisModule],
  providers: [
    ...storeProviders(StoredApiKeys, SignatureNonces),
    ApiKeys,
    UsedNonces,
    RequestLimits,
    RequestsInFlight,
    Authentication,
    RequestAdmission,
    SignedIntents,
  ],
  exports: [Authentication, ApiKeys, RequestLimits, RequestsInFlight, SignedIntents],
})
export class AccessModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly keys: ApiKeys,
    private readonly nonces: UsedNonces,
  ) {}

  onModuleInit(): void {
    this.keys.start();
    this.nonces.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.keys.stop(), this.nonces.stop()]);
  }
}
