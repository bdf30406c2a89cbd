// Providers of stores whose only dependency is the pool.
import type { FactoryProvider, Type } from '@nestjs/common';
import { Pool } from 'pg';

/** A provider for each class; the module that takes them imports {@link PostgresModule}. */
export function storeProviders(...stores: Type<unknown>[]): FactoryProvider[] {
  return stores.map((Store) => ({
    provide: Store,
    inject: [Pool],
    useFactory: (pool: Pool) => new Store(pool),
  }));
}
