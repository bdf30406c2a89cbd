// Terminals as the api may read them: its role in Postgres cannot read their keys.
import { Module } from '@nestjs/common';
import { PostgresModule } from '@quittance/modules';
import { Terminals } from '@quittance/persistence';
import { Pool } from 'pg';

/** Provides {@link Terminals} without keys; by type they are `Terminals<TerminalWithoutKey>`. */
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
