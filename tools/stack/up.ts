// Brings the local stack up, step by step, each of which a person sees.
import { join } from 'node:path';
import { migrateBoth } from '@quittance/databases';
import { buildAll } from '../build.js';
import { dataPath } from '../place.mjs';
import type { Session } from '../processes/session.js';
import { localDatabases, localRedis } from '../servers/local.js';
import { step } from '../terminal/progress.mjs';
import { ensureKeys } from './keys.js';
import { ownDataFolder } from './owner.js';
import { usualPorts } from './ports.js';
import { seedMerchant } from './seed.js';
import { startStack } from './stack.js';

/** Brings the local stack up, with the demo merchant. */
export async function bringUp(session: Session) {
  const ports = await usualPorts();
  await ownDataFolder();
  const databases = await localDatabases(session);
  const redisUrl = await localRedis(session);
  await buildAll();
  await step('migrations', async (say) => {
    const applied = await migrateBoth(databases);
    say(applied.length === 0 ? 'up to date' : `${applied.length} applied`);
  });
  const keyFolder = join(dataPath(), 'keys');
  const terminals = await step('keys', async (say) => {
    const keys = await ensureKeys(keyFolder);
    say(keys.made ? 'generated below .data/keys' : 'present');
    return keys.terminals;
  });
  const ledgerFile = join(dataPath(), 'sandbox.ndjson');
  const logFolder = dataPath('logs');
  const setup = { ports, ...databases, redisUrl, keyFolder, logFolder, ledgerFile };
  const stack = await step('processes', async (say) => {
    say('starting');
    const started = await startStack(session, setup);
    const places = Object.entries(ports).map(([name, port]) => `${name} ${port}`);
    say(places.join(', '));
    return started;
  });
  const merchant = await step('merchant', async (say) => {
    const file = join(dataPath(), 'demo.json');
    const seeded = await seedMerchant({ setup, urls: stack.urls, terminals, file });
    say(`${seeded.merchant}, terminals ${terminals.map(({ name }) => name).join(', ')}`);
    return seeded;
  });
  return { stack, merchant, databaseUrl: databases.databaseUrl, redisUrl };
}

/** The local stack, the demo merchant, and the servers below them. */
export type LocalStack = Awaited<ReturnType<typeof bringUp>>;
