// `npm run db:migrate` and `npm run db:reset`: the databases of DATABASE_URL and
// ORDERS_DATABASE_URL, or the local ones.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { migrateBoth } from '@quittance/databases';
import { dataFolder } from '../place.mjs';
import { remove } from '../processes/leftovers.mjs';
import type { Session } from '../processes/session.js';
import { localDatabases } from '../servers/local.js';
import { ownDataFolder } from '../stack/owner.js';
import { Problem } from '../terminal/problem.mjs';
import { heading, step, tell } from '../terminal/progress.mjs';

// The API key and the sandbox's journal mean nothing without the database they belong to.
const FORGOTTEN = ['postgres', 'redis', 'demo.json', 'sandbox.ndjson'];

/** Brings both databases up to date. */
export async function migrate(session: Session): Promise<void> {
  heading('Migrations');
  if (!process.env['DATABASE_URL']) await ownDataFolder();
  const urls = await localDatabases(session);
  await step('migrations', async (say) => {
    const applied = await migrateBoth(urls);
    say(applied.length === 0 ? 'up to date' : applied.join(', '));
  });
}

/**
 * Forgets the local databases and queues. Keys and installed packages stay. Databases the
 * environment names are never touched: dropping those is a decision for a person with the right
 * tool.
 */
export async function reset(): Promise<void> {
  if (process.env['DATABASE_URL'])
    throw new Problem('DATABASE_URL is set; only the local databases are reset.');
  await ownDataFolder();
  for (const name of FORGOTTEN) {
    if (!existsSync(join(dataFolder, name))) continue;
    remove(join(dataFolder, name));
    tell(`removed ${name}`);
  }
}
