// `npm run db:migrate`: brings both databases up to date, those of DATABASE_URL and ORDERS_DATABASE_URL or the local ones.
import { runCommand } from './processes/command.mjs';
import { install } from './setup/install.mjs';
import { step, heading } from './terminal/progress.mjs';
import { ownDataFolder } from './stack/owner.mjs';

await runCommand(async (session) => {
  heading('Migrations');
  await install();
  if (!process.env.DATABASE_URL) await ownDataFolder();
  const { localDatabases } = await import('./servers/local.mjs');
  const { migrateBoth } = await import('./database/databases.mjs');
  const urls = await localDatabases(session);
  await step('migrations', async (say) => {
    const applied = await migrateBoth(urls);
    say(applied.length === 0 ? 'up to date' : applied.join(', '));
  });
});
