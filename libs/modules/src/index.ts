// Nest modules that several apps share. They wrap libs that do not depend on Nest. Each module
// closes what it opened, after the modules that import it have stopped (docs/adr/0036).
export { PaymentStoreModule, EventSettings } from './payment-store.module.js';
export { PostgresModule } from './postgres.module.js';
export { QueueNames } from './queue-names.js';
export { QueuesModule } from './queues.module.js';
export { RedisModule } from './redis.module.js';
export { storeProviders } from './store-providers.js';
export { TerminalKeys } from './terminal-keys.js';
export { KeySettings, VaultModule } from './vault.module.js';
