// Provides the process's keys, which follow its key set file at run time.
import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type KeyHolder, KeyWatch } from '@quittance/persistence';
import { Logger, secretDocument, settings } from '@quittance/platform';
import { AppName } from '@quittance/server';
import { KeySet, parseNextKeySet } from '@quittance/vault';
import { Pool } from 'pg';
import { PostgresModule } from './postgres.module.js';

/** The section `keys` of an app's configuration. */
export class KeySettings extends settings({
  keySet: secretDocument('QUITTANCE_KEYSET', {
    description:
      'key set of this process: a file path, or the JSON itself; a changed file takes effect within a second',
    parse: parseNextKeySet,
  }),
}) {}

/**
 * Provides the {@link KeySet}, whose content always is that of the file, and publishes which keys
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

  /** Resolves once the file has been read, so that the app never serves with older keys. */
  onModuleInit(): Promise<void> {
    return this.keyWatch.start();
  }

  onApplicationShutdown(): Promise<void> {
    return this.keyWatch.stop();
  }
}
