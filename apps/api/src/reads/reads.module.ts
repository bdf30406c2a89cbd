// Provides reads that may be a few seconds old: from the read replica, if one is configured.
import {
  type FactoryProvider,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { PostgresModule } from '@quittance/modules';
import {
  createPool,
  PostgresSettings,
  Reads,
  Replica,
  REPLICA_DEADLINES,
  type ReplicaOptions,
  ReplicaSettings,
  requireReplica,
} from '@quittance/persistence';
import { ConfigError, errorCodeOf, Logger, Metrics } from '@quittance/platform';
import { PostgresClock } from '@quittance/postgres';
import { Pool } from 'pg';

/** Returns a provider for each class that depends on {@link Reads} alone. */
export function readProviders(...stores: Type<unknown>[]): FactoryProvider[] {
  return stores.map((Store) => ({
    provide: Store,
    inject: [Reads],
    useFactory: (reads: Reads) => new Store(reads),
  }));
}

/** An app starts without a replica that is away. */
@Module({
  imports: [PostgresModule],
  providers: [
    {
      provide: Reads,
      inject: [ReplicaSettings, PostgresSettings, Pool, PostgresClock, Logger, Metrics],
      useFactory: (
        replica: ReplicaSettings,
        settings: PostgresSettings,
        primary: Pool,
        clock: PostgresClock,
        log: Logger,
        metrics: Metrics,
      ) => openReads(replica, settings, { primary, clock, log, metrics }),
    },
  ],
  exports: [Reads],
})
export class ReadsModule implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly reads: Reads) {}

  onModuleInit(): void {
    this.reads.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.reads.stop();
  }
}

/** Rejects with {@link ConfigError} for another database, not for a replica that is away. */
async function openReads(
  { databaseUrl }: ReplicaSettings,
  { connections, pooler }: PostgresSettings,
  options: Omit<ReplicaOptions, 'pool'> & { readonly primary: Pool },
): Promise<Reads> {
  const { primary, log } = options;
  if (databaseUrl === undefined) return new Reads(primary);
  const pool = createPool({
    databaseUrl: databaseUrl.reveal(),
    connections,
    pooler,
    applicationName: 'quittance-api-reads',
    onError: (err) => log.warn({ err }, 'an idle connection to the read replica broke'),
    deadlines: REPLICA_DEADLINES,
  });
  try {
    await requireReplica(primary, pool);
  } catch (error) {
    if (error instanceof ConfigError) {
      await pool.end();
      throw error;
    }
    log.warn({ code: errorCodeOf(error) }, 'the read replica does not answer');
  }
  return new Reads(primary, new Replica({ ...options, pool }));
}
