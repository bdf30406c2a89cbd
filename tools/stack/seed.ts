// The demo merchant of a local stack: an account, keys, and one terminal per protocol and callback
// mode.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describeUrl } from '@quittance/databases';
import type { OperatorSetup } from './apps.js';
import type { TerminalWithKeys } from './keys.js';
import { operate } from './operator.js';

/** The demo merchant with its keys in clear. */
export interface SeededMerchant {
  readonly merchant: string;
  readonly apiKey: string;
  readonly opsKey: string;
  readonly made: boolean;
}

/** A merchant as its file remembers it: of which database and sandbox. */
interface Remembered extends Omit<SeededMerchant, 'made'> {
  readonly database: string;
  readonly sandbox: string;
}

function readRemembered(path: string): Remembered | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Remembered;
  } catch {
    return undefined;
  }
}

async function opens(url: string, key: string): Promise<boolean> {
  const { status } = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  return status === 200;
}

function terminalCommand(
  merchant: string,
  sandboxUrl: string,
  terminal: TerminalWithKeys,
): string[] {
  const { name, number, publicKey, privateKey, protocol, callbacks, inquiry } = terminal;
  const options = {
    merchant,
    name,
    number,
    protocol,
    callbacks,
    'base-url': sandboxUrl,
    'public-key': publicKey,
    'private-key': privateKey,
    mode: 'test',
    ...(inquiry && { inquiry }),
  };
  // Written with `=`: a generated key may begin with a dash.
  const words = Object.entries(options).map(([option, value]) => `--${option}=${value}`);
  return ['terminals', 'add', ...words];
}

/**
 * If .data was deleted but the database was not, it has a "demo" whose keys are lost; then this is
 * another name.
 */
async function newMerchant(setup: OperatorSetup): Promise<string> {
  const another = `demo-${randomBytes(3).toString('hex')}`;
  try {
    await operate(setup, [['merchants', 'add', 'demo']]);
    return 'demo';
  } catch {
    await operate(setup, [['merchants', 'add', another]]);
    return another;
  }
}

const OPS_KEY = ['keys', 'create', '--ops', 'demo', '--scopes', 'ops:read,ops:write'];

async function addMerchant(
  setup: OperatorSetup,
  sandboxUrl: string,
  terminals: readonly TerminalWithKeys[],
): Promise<Omit<SeededMerchant, 'made'>> {
  const merchant = await newMerchant(setup);
  const scopes = 'payments:read,payments:write,refunds:write';
  const [apiKey = '', opsKey = ''] = await operate(setup, [
    ['keys', 'create', '--merchant', merchant, '--scopes', scopes],
    OPS_KEY,
    ...terminals.map((terminal) => terminalCommand(merchant, sandboxUrl, terminal)),
  ]);
  return { merchant, apiKey, opsKey };
}

/** Makes the demo merchant unless the database has it. `file` remembers it. */
export async function seedMerchant({
  setup,
  urls,
  terminals,
  file,
}: {
  readonly setup: OperatorSetup;
  readonly urls: { readonly api: string; readonly sandbox: string };
  readonly terminals: readonly TerminalWithKeys[];
  readonly file: string;
}): Promise<SeededMerchant> {
  const database = describeUrl(setup.databaseUrl);
  const known = readRemembered(file);
  const same = known?.database === database && known.sandbox === urls.sandbox;
  const isKnown =
    known !== undefined &&
    same &&
    (await opens(`${urls.api}/v1/payment-intents?limit=1`, known.apiKey));
  if (isKnown && (await opens(`${urls.api}/ops/queues/api/queues`, known.opsKey))) {
    return { ...known, made: false };
  }
  const merchant = isKnown
    ? { ...known, opsKey: (await operate(setup, [OPS_KEY]))[0] ?? '' }
    : await addMerchant(setup, urls.sandbox, terminals);
  const content = { ...merchant, database, sandbox: urls.sandbox };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return { ...merchant, made: true };
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
