// Brings the local stack up, step by step, each of which a person sees.
import { join } from 'node:path';
import { migrateBoth } from '@quittance/databases';
import { buildAll } from '../build.js';
import { dataPath } from '../place.mjs';
import type { Session } from '../processes/session.js';
import { localDatabases, serverUrl } from '../servers/local.js';
import { step } from '../terminal/progress.mjs';
import { ensureKeySets } from './apps.js';
import { ownDataFolder } from './owner.js';
import { usualPorts } from './ports.js';
import { seedMerchant } from './seed.js';
import { Stack } from './stack.js';

/** Brings the local stack up, with the demo merchant. */
export async function bringUp(session: Session) {
  await ownDataFolder();
  const ports = await usualPorts();
  const databases = await localDatabases(session);
  const redisUrl = await serverUrl(session, 'Redis');
  await buildAll();
  await step('migrations', async (say) => {
    const applied = await migrateBoth(databases);
    say(applied.length === 0 ? 'up to date' : `${applied.length} applied`);
  });
  const below = (name: string) => join(dataPath(), name);
  const keyFolder = below('keys');
  await step('keys', async (say) =>
    say(ensureKeySets(keyFolder) ? 'generated below .data/keys' : 'present'),
  );
  const files = { keyFolder, logFolder: dataPath('logs'), ledgerFile: below('sandbox.ndjson') };
  const setup = { ports, ...databases, redisUrl, ...files };
  const stack = await step('processes', async (say) => {
    say('starting');
    const started = await new Stack(session, setup).start();
    const places = Object.entries(ports).map(([name, port]) => `${name} ${port}`);
    say(places.join(', '));
    return started;
  });
  const merchant = await step('merchant', async (say) => {
    const seeded = await seedMerchant(stack, below('demo.json'));
    say(`${seeded.merchant}, terminals ${seeded.terminals.map(({ name }) => name).join(', ')}`);
    return seeded;
  });
  return { stack, merchant, databaseUrl: databases.databaseUrl, redisUrl };
}

/** The local stack, the demo merchant, and the servers below them. */
export type LocalStack = Awaited<ReturnType<typeof bringUp>>;
