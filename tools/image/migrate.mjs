// Migrates DATABASE_URL and ORDERS_DATABASE_URL, creating the databases if need be, and gives each
// process a role with the rights it needs. For the image: unlike `npm run db:migrate` it installs
// nothing and knows no local servers. A role gets the password in `<PROCESS>_POSTGRES_PASSWORD`;
// without one it cannot log in.
import { grantBoth, migrateBoth } from '../database/databases.mjs';
import { ORDERS_RIGHTS, RIGHTS } from '../database/rights.mjs';

const { DATABASE_URL: databaseUrl, ORDERS_DATABASE_URL: ordersDatabaseUrl } = process.env;
if (databaseUrl && ordersDatabaseUrl) {
  const urls = { databaseUrl, ordersDatabaseUrl };
  const applied = await migrateBoth(urls);
  process.stdout.write(`${applied.length === 0 ? 'up to date' : applied.join('\n')}\n`);
  const processes = [...Object.keys(RIGHTS), ...Object.keys(ORDERS_RIGHTS)];
  const passwords = processes.flatMap((name) => {
    const password = process.env[`${name.toUpperCase()}_POSTGRES_PASSWORD`];
    return password ? [[name, password]] : [];
  });
  if (passwords.length > 0) await grantBoth(urls, Object.fromEntries(passwords));
} else {
  process.stderr.write('DATABASE_URL and ORDERS_DATABASE_URL must be set.\n');
  process.exitCode = 78;
}
