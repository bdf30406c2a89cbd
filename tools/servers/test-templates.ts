// Tests clone a migrated database instead of migrating one each: a clone takes milliseconds.
import { grantBoth, migrateBoth, onDatabase, PROCESSES, withDatabase } from '@quittance/databases';
import { step } from '../terminal/progress.mjs';

type Server = { readonly databaseUrl: string; readonly run: string };

const prefixOf = (run: string): string => `quittance_test_${run}_`;

/** Makes the migrated databases the tests clone. Every clone's name begins with `prefix`. */
export function createTemplates({
  databaseUrl,
  run,
}: Server): Promise<{ prefix: string; payments: string; orders: string }> {
  const prefix = prefixOf(run);
  return step('migrations', async (say) => {
    const names = { prefix, payments: `${prefix}payments`, orders: `${prefix}orders` };
    const urls = {
      databaseUrl: withDatabase(databaseUrl, names.payments),
      ordersDatabaseUrl: withDatabase(databaseUrl, names.orders),
    };
    const applied = await migrateBoth(urls);
    // Every role has the password of the server's own account, so that a test needs to know no
    // other.
    const password = decodeURIComponent(new URL(databaseUrl).password);
    await grantBoth(urls, Object.fromEntries(PROCESSES.map((name) => [name, password])));
    say(`${applied.length} applied to the databases that tests clone`);
    return names;
  });
}

/** Drops what the run has left: its templates, and clones of test files that died. */
export async function dropTestDatabases({ databaseUrl, run }: Server): Promise<void> {
  await onDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [prefixOf(run)],
    );
    for (const { datname } of rows)
      await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
  });
}
