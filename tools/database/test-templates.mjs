// Tests clone a migrated database instead of migrating one each: a clone takes milliseconds.
import { step } from '../terminal/progress.mjs';
import { grantBoth, MIGRATIONS, onDatabase, withDatabase } from './databases.mjs';
import { migrate } from './migrations.mjs';
import { ORDERS_RIGHTS, RIGHTS } from './rights.mjs';

const prefixOf = (run) => `quittance_test_${run}_`;

/**
 * Makes the migrated databases the tests clone.
 * @param {{ databaseUrl: string, run: string }} server
 * @returns {Promise<{ prefix: string, payments: string, orders: string }>} names; every clone's name begins with `prefix`
 */
export async function createTemplates({ databaseUrl, run }) {
  const prefix = prefixOf(run);
  return step('migrations', async (say) => {
    const names = { prefix, payments: `${prefix}payments`, orders: `${prefix}orders` };
    await onDatabase(databaseUrl, async (client) => {
      for (const name of [names.payments, names.orders])
        await client.query(`CREATE DATABASE ${name}`);
    });
    let applied = 0;
    // Every role has the password of the server's own account, so that a test needs to know no other.
    const { password } = new URL(databaseUrl);
    const processes = [...Object.keys(RIGHTS), ...Object.keys(ORDERS_RIGHTS)];
    const passwords = Object.fromEntries(
      processes.map((name) => [name, decodeURIComponent(password)]),
    );
    for (const which of ['payments', 'orders']) {
      applied += (await migrate(withDatabase(databaseUrl, names[which]), MIGRATIONS[which])).length;
    }
    const [payments, orders] = [names.payments, names.orders].map((name) =>
      withDatabase(databaseUrl, name),
    );
    await grantBoth({ databaseUrl: payments, ordersDatabaseUrl: orders }, passwords);
    say(`${applied} applied to the databases that tests clone`);
    return names;
  });
}

/** Drops what the run has left: its templates, and clones of test files that died. */
export async function dropTestDatabases({ databaseUrl, run }) {
  await onDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [prefixOf(run)],
    );
    for (const { datname } of rows)
      await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
  });
}
