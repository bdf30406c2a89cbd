// Provides the intake of payments that services publish as jobs.
import { Module } from '@nestjs/common';
import { PostgresModule, RedisModule } from '@quittance/modules';
import { AccessModule } from '../access/access.module.js';
import { IntakeModule } from '../intake/intake.module.js';
import { IntentConsumer } from './intent-consumer.js';
import { IntentPublication } from './intent-publication.js';

@Module({
  imports: [PostgresModule, RedisModule, AccessModule, IntakeModule],
  providers: [IntentPublication, IntentConsumer],
})
export class PublishingModule {}
