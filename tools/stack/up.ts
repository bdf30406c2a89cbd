// Brings the local stack up, step by step, each of which a person sees.
import { join } from 'node:path';
import { migrateBoth, type DatabaseUrls } from '@quittance/databases';
import { dataPath } from '../place.mjs';
import type { Session } from '../processes/session.js';
import { localDatabases, localRedis } from '../servers/local.js';
import { buildAll } from '../build.js';
import { step } from '../terminal/progress.mjs';
import { ensureKeys, type TerminalWithKeys } from './keys.js';
import { ownDataFolder } from './owner.js';
import { usualPorts } from './ports.js';
import { registerTerminals, seedMerchant, type SeededMerchant } from './seed.js';
import { startStack, type Stack, type StackSetup } from './stack.js';

async function prepareDatabases(urls: DatabaseUrls): Promise<void> {
  await step('migrations', async (say) => {
    const applied = await migrateBoth(urls);
    say(applied.length === 0 ? 'up to date' : `${applied.length} applied`);
  });
}

function prepareKeys(folder: string): Promise<readonly TerminalWithKeys[]> {
  return step('keys', async (say) => {
    const { made, terminals } = await ensureKeys(folder);
    say(made ? 'generated below .data/keys' : 'present');
    return terminals;
  });
}

function prepareMerchant(
  stack: Stack,
  setup: StackSetup,
  terminals: readonly TerminalWithKeys[],
): Promise<SeededMerchant> {
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

/** Brings the local stack up. */
export async function bringUp(
  session: Session,
): Promise<{ stack: Stack; merchant: SeededMerchant }> {
  const ports = await usualPorts();
  await ownDataFolder();
  const urls = await localDatabases(session);
  const redisUrl = await localRedis(session);
  await buildAll();
  await prepareDatabases(urls);
  const keyFolder = join(dataPath(), 'keys');
  const terminals = await prepareKeys(keyFolder);
  const ledgerFile = join(dataPath(), 'sandbox.ndjson');
  const setup = { ports, ...urls, redisUrl, keyFolder, ledgerFile, logFolder: dataPath('logs') };
  const stack = await step('processes', async (say) => {
    say('starting');
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
