import { DatabaseProblem, grantBoth, migrateBoth, PROCESSES } from '@quittance/databases';

const EXIT_FAILED = 1;
/** EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78;

/**
 * Migrates DATABASE_URL and ORDERS_DATABASE_URL, creating the databases if need be, and gives each
 * process a role with the rights it needs. A role gets the password in
 * `<PROCESS>_POSTGRES_PASSWORD`; without one it cannot log in.
 */
export async function migrateAndGrant(env: NodeJS.ProcessEnv): Promise<number> {
  const { DATABASE_URL: databaseUrl, ORDERS_DATABASE_URL: ordersDatabaseUrl } = env;
  if (!databaseUrl || !ordersDatabaseUrl) {
    process.stderr.write('DATABASE_URL and ORDERS_DATABASE_URL must be set.\n');
    return EXIT_CONFIG;
  }
  const passwords = PROCESSES.flatMap((name) => {
    const password = env[`${name.toUpperCase()}_POSTGRES_PASSWORD`];
    return password ? [[name, password] as const] : [];
  });
  try {
    const urls = { databaseUrl, ordersDatabaseUrl };
    const applied = await migrateBoth(urls);
    process.stdout.write(`${applied.length === 0 ? 'up to date' : applied.join('\n')}\n`);
    if (passwords.length > 0) await grantBoth(urls, Object.fromEntries(passwords));
    return 0;
  } catch (error) {
    if (!(error instanceof DatabaseProblem)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT_FAILED;
  }
}
