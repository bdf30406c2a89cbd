// The demo merchant of a local stack: an account, keys, and one terminal per protocol and callback
// mode.
import { randomBytes } from 'node:crypto';
import { describeUrl } from '@quittance/databases';
import { readJson, writeJson } from '../json.mjs';
import { Problem } from '../terminal/problem.mjs';
import type { OperatorSetup } from './apps.js';
import type { TerminalWithKeys } from './keys.js';
import { operate } from './operator.js';

/** The demo merchant with its keys in clear. */
export interface SeededMerchant {
  readonly merchant: string;
  readonly apiKey: string;
  readonly opsKey: string;
}

/** The place of a new merchant, and the file that remembers it. */
export interface Seeding {
  readonly setup: OperatorSetup;
  readonly urls: { readonly api: string; readonly sandbox: string };
  readonly terminals: readonly TerminalWithKeys[];
  readonly file: string;
}

/** The merchant of the file, if it is of this database and sandbox and its keys open the API. */
async function knownMerchant({ setup, urls, file }: Seeding): Promise<SeededMerchant | undefined> {
  const { database, sandbox, ...known } = readJson(file) ?? {};
  if (database !== describeUrl(setup.databaseUrl) || sandbox !== urls.sandbox) return undefined;
  const opens = async (path: string, key: string) => {
    const headers = { authorization: `Bearer ${key}` };
    return (await fetch(urls.api + path, { headers })).status === 200;
  };
  const isOpen =
    (await opens('/v1/payment-intents?limit=1', known.apiKey)) &&
    (await opens('/ops/queues/api/queues', known.opsKey));
  return isOpen ? known : undefined;
}

/** Adds `demo`; or, where the database has one whose keys are lost, another name. */
async function addMerchant({ setup, urls, terminals }: Seeding): Promise<SeededMerchant> {
  const add = (name: string) => operate(setup, [['merchants', 'add', name]]).then(() => name);
  const merchant = await add('demo').catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    return add(`demo-${randomBytes(3).toString('hex')}`);
  });
  const commands = terminals.map(({ publicKey, privateKey, ...terminal }) => {
    const keys = { 'public-key': publicKey, 'private-key': privateKey };
    const options = { merchant, 'base-url': urls.sandbox, mode: 'test', ...terminal, ...keys };
    // Written with `=`: a generated key may begin with a dash.
    const words = Object.entries(options).map(([option, value]) => `--${option}=${value}`);
    return ['terminals', 'add', ...words];
  });
  const scopes = 'payments:read,payments:write,refunds:write';
  const [apiKey = '', opsKey = ''] = await operate(setup, [
    ['keys', 'create', '--merchant', merchant, '--scopes', scopes],
    ['keys', 'create', '--ops', 'demo', '--scopes', 'ops:read,ops:write'],
    ...commands,
  ]);
  return { merchant, apiKey, opsKey };
}

/** Makes the terminals known to the sandbox, which keeps nothing of a former run but its ledger. */
async function registerTerminals({ urls, terminals }: Seeding, merchant: string): Promise<void> {
  for (const { number, publicKey, privateKey } of terminals) {
    const response = await fetch(`${urls.sandbox}/sandbox/terminals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ number, public_key: publicKey, private_key: privateKey, merchant }),
    });
    if (!response.ok) throw new Error(`the sandbox refused a terminal with ${response.status}`);
  }
}

/** Makes the demo merchant unless the database has it, and its terminals at the sandbox. */
export async function seedMerchant(seeding: Seeding): Promise<SeededMerchant> {
  const merchant = (await knownMerchant(seeding)) ?? (await addMerchant(seeding));
  await registerTerminals(seeding, merchant.merchant);
  const { setup, urls, file } = seeding;
  const database = describeUrl(setup.databaseUrl);
  writeJson(file, { ...merchant, database, sandbox: urls.sandbox });
  return merchant;
}
