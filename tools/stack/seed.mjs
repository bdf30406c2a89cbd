// The demo merchant of a local stack: an account, keys, and one terminal per protocol and callback mode.
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describeUrl } from '../database/databases.mjs';
import { operate } from './operator.mjs';

const SCOPES = {
  apiKey: 'payments:read,payments:write,refunds:write',
  opsKey: 'ops:read,ops:write',
};

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

async function isKnown(apiUrl, apiKey) {
  const headers = { authorization: `Bearer ${apiKey}` };
  const { status } = await fetch(`${apiUrl}/v1/payment-intents?limit=1`, { headers });
  return status === 200;
}

function addTerminal(setup, { merchant, sandboxUrl, terminal }) {
  const { name, number, publicKey, privateKey, protocol, callbacks } = terminal;
  const account = [
    '--merchant',
    merchant,
    '--name',
    name,
    '--base-url',
    sandboxUrl,
    '--mode',
    'test',
  ];
  // Written with `=`: a generated key may begin with a dash.
  const keys = [`--number=${number}`, `--public-key=${publicKey}`, `--private-key=${privateKey}`];
  return operate(
    setup,
    'terminals',
    'add',
    ...account,
    ...keys,
    '--protocol',
    protocol,
    '--callbacks',
    callbacks,
  );
}

/** Whoever deleted .data but kept the database has a "demo" whose keys nobody knows any more; then it is another name. */
async function newMerchant(setup) {
  for (const name of ['demo', `demo-${randomBytes(3).toString('hex')}`]) {
    const added = await operate(setup, 'merchants', 'add', name).then(
      () => ({ name }),
      (problem) => ({ problem }),
    );
    if (added.name !== undefined) return added.name;
    if (name !== 'demo') throw added.problem;
  }
}

async function addMerchant(setup, { sandboxUrl, terminals }) {
  const merchant = await newMerchant(setup);
  const createKey = (scopes) =>
    operate(setup, 'keys', 'create', '--merchant', merchant, '--scopes', scopes);
  // Each command is a process of its own that mostly loads code; side by side they use every core.
  const [apiKey, opsKey] = await Promise.all([
    ...Object.values(SCOPES).map(createKey),
    ...terminals.map((terminal) => addTerminal(setup, { merchant, sandboxUrl, terminal })),
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
  if (same && (await isKnown(urls.api, known.apiKey))) return { ...known, made: false };
  const merchant = await addMerchant(setup, { sandboxUrl: urls.sandbox, terminals });
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
