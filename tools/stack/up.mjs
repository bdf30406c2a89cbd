// From a bare clone to a running stack: what `npm start` and `npm run demo` have in common.
import { join } from 'node:path';
import { dataPath } from '../place.mjs';
import { install } from '../setup/install.mjs';
import { step } from '../terminal/progress.mjs';
import { ownDataFolder } from './owner.mjs';
import { usualPorts } from './ports.mjs';

async function prepareDatabases(urls) {
  const { migrateBoth } = await import('../database/databases.mjs');
  await step('migrations', async (say) => {
    const applied = await migrateBoth(urls);
    say(applied.length === 0 ? 'up to date' : `${applied.length} applied`);
  });
}

async function prepareKeys(folder) {
  const { ensureKeys } = await import('./keys.mjs');
  return step('keys', async (say) => {
    const { made, terminals } = await ensureKeys(folder);
    say(made ? 'generated below .data/keys' : 'present');
    return terminals;
  });
}

async function prepareMerchant(stack, setup, terminals) {
  const { registerTerminals, seedMerchant } = await import('./seed.mjs');
  return step('merchant', async (say) => {
    const file = join(dataPath(), 'demo.json');
    const merchant = await seedMerchant({ setup, urls: stack.urls, terminals, file });
    await registerTerminals({
      sandboxUrl: stack.urls.sandbox,
      merchant: merchant.merchant,
      terminals,
    });
    say(`${merchant.merchant}, terminals ${terminals.map(({ name }) => name).join(', ')}`);
    return merchant;
  });
}

/**
 * Brings the local stack up.
 * @param {import('../processes/session.mjs').Session} session
 * @returns {Promise<{ stack: import('./stack.mjs').Stack, merchant: { merchant: string, apiKey: string, opsKey: string } }>}
 */
export async function bringUp(session) {
  const ports = await usualPorts();
  await ownDataFolder();
  await install();
  const { localDatabases, localRedis } = await import('../servers/local.mjs');
  const urls = await localDatabases(session);
  const redisUrl = await localRedis(session);
  const { buildAll } = await import('../setup/build.mjs');
  await buildAll();
  await prepareDatabases(urls);
  const keyFolder = join(dataPath(), 'keys');
  const terminals = await prepareKeys(keyFolder);
  const ledgerFile = join(dataPath(), 'sandbox.ndjson');
  const setup = { ports, ...urls, redisUrl, keyFolder, ledgerFile, logFolder: dataPath('logs') };
  const stack = await step('processes', async (say) => {
    say('starting');
    const { startStack } = await import('./stack.mjs');
    const started = await startStack(session, setup);
    say(
      Object.entries(ports)
        .map(([name, port]) => `${name} ${port}`)
        .join(', '),
    );
    return started;
  });
  const merchant = await prepareMerchant(stack, setup, terminals);
  return { stack, merchant };
}
