// `npm run db:migrate`: brings both databases up to date, those of DATABASE_URL and
// ORDERS_DATABASE_URL or the local ones.
import { migrateBoth } from '@quittance/databases';
import type { Session } from '../processes/session.js';
import { localDatabases } from '../servers/local.js';
import { ownDataFolder } from '../stack/owner.js';
import { heading, step } from '../terminal/progress.mjs';

export async function migrate(session: Session): Promise<void> {
  heading('Migrations');
  if (!process.env['DATABASE_URL']) await ownDataFolder();
  const urls = await localDatabases(session);
  await step('migrations', async (say) => {
    const applied = await migrateBoth(urls);
    say(applied.length === 0 ? 'up to date' : applied.join(', '));
  });
}
