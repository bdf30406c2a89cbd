// Tests clone a migrated database instead of migrating one each: a clone takes milliseconds.
import { grantBoth, migrateBoth, onDatabase, PROCESSES, withDatabase } from '@quittance/databases';
import { step } from '../../tools/terminal/progress.mjs';
import type { TestServers } from './servers.js';

const prefixOf = (run: string): string => `quittance_test_${run}_`;

/**
 * Makes the migrated databases that the tests clone. Every clone's name begins with the prefix.
 * @returns the environment of the tests (test/support/environment.ts)
 */
export function createTemplates(servers: TestServers): Promise<Record<string, string>> {
  const { databaseUrl, redisUrl, run, redisProgram } = servers;
  const prefix = prefixOf(run);
  const [payments, orders] = [`${prefix}payments`, `${prefix}orders`];
  return step('migrations', async (say) => {
    const urls = {
      databaseUrl: withDatabase(databaseUrl, payments),
      ordersDatabaseUrl: withDatabase(databaseUrl, orders),
    };
    const applied = await migrateBoth(urls);
    // Every role has the password of the server's own account, so that a test needs to know no
    // other.
    const password = decodeURIComponent(new URL(databaseUrl).password);
    await grantBoth(urls, Object.fromEntries(PROCESSES.map((name) => [name, password])));
    say(`${applied.length} applied to the databases that tests clone`);
    return {
      TEST_DATABASE_URL: databaseUrl,
      TEST_DATABASE_PREFIX: prefix,
      TEST_TEMPLATE_PAYMENTS: payments,
      TEST_TEMPLATE_ORDERS: orders,
      TEST_REDIS_URL: redisUrl,
      TEST_REDIS_PREFIX: `test-${run}`,
      TEST_REDIS_PROGRAM: redisProgram ?? '',
    };
  });
}

/** Drops what the run has left: its templates, and clones of test files that died. */
export async function dropTestDatabases({ databaseUrl, run }: TestServers): Promise<void> {
  await onDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [prefixOf(run)],
    );
    for (const { datname } of rows)
      await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
  });
}
