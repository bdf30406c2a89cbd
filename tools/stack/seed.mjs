// The demo merchant of a local stack: an account, keys, and one terminal per protocol and callback mode.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describeUrl } from '../database/databases.mjs';
import { operate } from './operator.mjs';

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function opens(url, key) {
  const { status } = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
  return status === 200;
}

function terminalCommand({ merchant, sandboxUrl, terminal }) {
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

/** Whoever deleted .data but kept the database has a "demo" whose keys nobody knows any more; then it is another name. */
async function newMerchant(setup) {
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

async function addMerchant(setup, { sandboxUrl, terminals }) {
  const merchant = await newMerchant(setup);
  const scopes = 'payments:read,payments:write,refunds:write';
  const [apiKey, opsKey] = await operate(setup, [
    ['keys', 'create', '--merchant', merchant, '--scopes', scopes],
    OPS_KEY,
    ...terminals.map((terminal) => terminalCommand({ merchant, sandboxUrl, terminal })),
  ]);
  return { merchant, apiKey, opsKey };
}

/**
 * Makes the demo merchant unless the database has it.
 * @param {{ setup: object, urls: { api: string, sandbox: string }, terminals: object[], file: string }} options `file` remembers it
 * @returns {Promise<{ merchant: string, apiKey: string, opsKey: string, made: boolean }>}
 */
export async function seedMerchant({ setup, urls, terminals, file }) {
  const database = describeUrl(setup.databaseUrl);
  const known = readJson(file);
  const same = known?.database === database && known.sandbox === urls.sandbox;
  const isKnown = same && (await opens(`${urls.api}/v1/payment-intents?limit=1`, known.apiKey));
  if (isKnown && (await opens(`${urls.api}/ops/queues/api/queues`, known.opsKey))) {
    return { ...known, made: false };
  }
  const merchant = isKnown
    ? { ...known, opsKey: (await operate(setup, [OPS_KEY]))[0] }
    : await addMerchant(setup, { sandboxUrl: urls.sandbox, terminals });
  const content = { ...merchant, database, sandbox: urls.sandbox };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  return { ...merchant, made: true };
}

/** Makes the terminals known to the sandbox, which keeps nothing of a former run but its ledger. */
export async function registerTerminals({ sandboxUrl, merchant, terminals }) {
  for (const { number, publicKey, privateKey } of terminals) {
    const response = await fetch(`${sandboxUrl}/sandbox/terminals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ number, public_key: publicKey, private_key: privateKey, merchant }),
    });
    if (!response.ok) throw new Error(`the sandbox refused a terminal with ${response.status}`);
  }
}
