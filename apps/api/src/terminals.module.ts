// Provides the terminals without their keys, which the api's role in Postgres cannot read.
import { Module } from '@nestjs/common';
import { PostgresModule } from '@quittance/modules';
import { Terminals } from '@quittance/persistence';
import { Pool } from 'pg';

/** Provides {@link Terminals} without keys; the type is `Terminals<TerminalWithoutKey>`. */
@Module({
  imports: [PostgresModule],
  providers: [
    {
      provide: Terminals,
      inject: [Pool],
      useFactory: (pool: Pool) => Terminals.withoutKeys(pool),
    },
  ],
  exports: [Terminals],
})
export class TerminalsModule {}
