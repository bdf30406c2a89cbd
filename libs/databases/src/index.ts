// Databases: created, brought up to date, and opened to each process with the rights it needs.
export {
  databaseName,
  DatabaseProblem,
  describeUrl,
  ensureDatabase,
  onDatabase,
  withDatabase,
} from './database.js';
export { migrate, pendingMigrations } from './migrations.js';
export { PROCESSES, roleOf } from './rights.js';
export { type DatabaseUrls, grantBoth, migrateBoth } from './stack-databases.js';
