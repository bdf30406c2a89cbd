// Migrates DATABASE_URL and ORDERS_DATABASE_URL, creating the databases if need be. For the image: unlike
// `npm run db:migrate` it installs nothing and knows no local servers.
import { migrateBoth } from '../database/databases.mjs';

const { DATABASE_URL: databaseUrl, ORDERS_DATABASE_URL: ordersDatabaseUrl } = process.env;
if (databaseUrl && ordersDatabaseUrl) {
  const applied = await migrateBoth({ databaseUrl, ordersDatabaseUrl });
  process.stdout.write(`${applied.length === 0 ? 'up to date' : applied.join('\n')}\n`);
} else {
  process.stderr.write('DATABASE_URL and ORDERS_DATABASE_URL must be set.\n');
  process.exitCode = 78;
}
