// The keys of a process, which follow its key set file while it runs.
import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type KeyHolder, KeyWatch } from '@quittance/persistence';
import { AppName, Logger, secretDocument, settings } from '@quittance/platform';
import { KeySet, parseNextKeySet } from '@quittance/vault';
import { Pool } from 'pg';
import { PostgresModule } from './postgres.module.js';

/** The section `keys` of a process's config. */
export class KeySettings extends settings({
  keySet: secretDocument('QUITTANCE_KEYSET', {
    description:
      'key set of this process: a file path, or the JSON itself; a changed file is taken up in a second',
    parse: parseNextKeySet,
  }),
}) {}

/**
 * Provides the {@link KeySet}, which is at each look what the file says, and publishes which keys
 * this process has.
 */
@Module({
  imports: [PostgresModule],
  providers: [
    {
      provide: KeyWatch,
      inject: [AppName, KeySettings, Pool, Logger],
      useFactory: (app: AppName, { keySet }: KeySettings, pool: Pool, log: Logger) =>
        new KeyWatch({ app: app.value as KeyHolder['app'], document: keySet, pool, log }),
    },
    { provide: KeySet, inject: [KeyWatch], useFactory: ({ keys }: KeyWatch) => keys },
  ],
  exports: [KeySet],
})
export class VaultModule implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly keyWatch: KeyWatch) {}

  /** Resolves after the first look, so that nothing is served with older keys. */
  onModuleInit(): Promise<void> {
    return this.keyWatch.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.keyWatch.stop();
  }
}
