// Makes providers for stores that depend on the pool alone.
import type { FactoryProvider, Type } from '@nestjs/common';
import { Pool } from 'pg';

/** Returns a provider for each class. The module that lists them imports {@link PostgresModule}. */
export function storeProviders(...stores: Type<unknown>[]): FactoryProvider[] {
  return stores.map((Store) => ({
    provide: Store,
    inject: [Pool],
    useFactory: (pool: Pool) => new Store(pool),
  }));
}
