// The demo merchant of a local stack: an account, keys, and one terminal per protocol and callback
// mode.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describeUrl } from '@quittance/databases';
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

/** A merchant as its file remembers it: of which database and sandbox. */
interface Remembered extends SeededMerchant {
  readonly database: string;
  readonly sandbox: string;
}

/** Where a merchant is made, and the file that remembers it. */
export interface Seeding {
  readonly setup: OperatorSetup;
  readonly urls: { readonly api: string; readonly sandbox: string };
  readonly terminals: readonly TerminalWithKeys[];
  readonly file: string;
}

/** The merchant of the file, if both its keys still open the API. */
async function knownMerchant({ setup, urls, file }: Seeding): Promise<Remembered | undefined> {
  const opens = (path: string, key: string) =>
    fetch(`${urls.api}${path}`, { headers: { authorization: `Bearer ${key}` } }).then(
      ({ status }) => status === 200,
    );
  let known: Remembered;
  try {
    known = JSON.parse(readFileSync(file, 'utf8')) as Remembered;
  } catch {
    return undefined;
  }
  const isOfThis =
    known.database === describeUrl(setup.databaseUrl) && known.sandbox === urls.sandbox;
  const isOpen =
    isOfThis &&
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
  const commands = terminals.map((terminal) => {
    const options = {
      merchant,
      name: terminal.name,
      number: terminal.number,
      protocol: terminal.protocol,
      callbacks: terminal.callbacks,
      'base-url': urls.sandbox,
      'public-key': terminal.publicKey,
      'private-key': terminal.privateKey,
      mode: 'test',
      ...(terminal.inquiry && { inquiry: terminal.inquiry }),
    };
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

/** Makes the demo merchant unless the database has it. */
export async function seedMerchant(seeding: Seeding): Promise<SeededMerchant> {
  const known = await knownMerchant(seeding);
  if (known !== undefined) return known;
  const { setup, urls, file } = seeding;
  const merchant = await addMerchant(seeding);
  const content = { ...merchant, database: describeUrl(setup.databaseUrl), sandbox: urls.sandbox };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return merchant;
}

/** Makes the terminals known to the sandbox, which keeps nothing of a former run but its ledger. */
export async function registerTerminals({
  sandboxUrl,
  merchant,
  terminals,
}: {
  readonly sandboxUrl: string;
  readonly merchant: string;
  readonly terminals: readonly TerminalWithKeys[];
}): Promise<void> {
  for (const { number, publicKey, privateKey } of terminals) {
    const response = await fetch(`${sandboxUrl}/sandbox/terminals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ number, public_key: publicKey, private_key: privateKey, merchant }),
    });
    if (!response.ok) throw new Error(`the sandbox refused a terminal with ${response.status}`);
  }
}
