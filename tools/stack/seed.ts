// The demo merchant of a local stack: an account, keys, and one terminal per protocol and callback
// mode.
import { randomBytes } from 'node:crypto';
import { readJson, writeJson } from '../json.mjs';
import { Problem } from '../terminal/problem.mjs';
import { operate } from './operator.js';
import type { Stack } from './stack.js';
import { TERMINALS, withKeys, type TerminalWithKeys } from './terminals.js';

/** The demo merchant with its keys in clear. */
export interface SeededMerchant {
  readonly merchant: string;
  readonly apiKey: string;
  readonly opsKey: string;
  readonly terminals: readonly TerminalWithKeys[];
}

type Options = Readonly<Record<string, string>>;

/** The merchant of the file, if it uses this sandbox and its keys open the API. */
async function knownMerchant({ urls }: Stack, file: string): Promise<SeededMerchant | undefined> {
  const { sandbox, ...known } = readJson(file) ?? {};
  if (sandbox !== urls.sandbox) return undefined;
  const ask = (path: string, key: string) =>
    fetch(urls.api + path, { headers: { authorization: `Bearer ${key}` } });
  const payments = await ask('/v1/payment-intents?limit=1', known.apiKey);
  const queues = await ask('/ops/queues/api/queues', known.opsKey);
  return payments.ok && queues.ok ? known : undefined;
}

/** Adds `demo`; or, where the database has one whose keys are lost, another name. */
async function addMerchant({ urls, setup }: Stack, more: Options): Promise<SeededMerchant> {
  const add = (name: string) => operate(setup, [['merchants', 'add', name]]).then(() => name);
  const merchant = await add('demo').catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    return add(`demo-${randomBytes(3).toString('hex')}`);
  });
  const terminals = TERMINALS.map(withKeys);
  const commands = terminals.map(({ publicKey, privateKey, ...terminal }) => {
    const keys = { 'public-key': publicKey, 'private-key': privateKey };
    const where = { merchant, 'base-url': urls.sandbox, mode: 'test' };
    // Written with `=`: a generated key may begin with a dash.
    const options = Object.entries({ ...where, ...terminal, ...keys, ...more });
    return ['terminals', 'add', ...options.map(([option, value]) => `--${option}=${value}`)];
  });
  const scopes = 'payments:read,payments:write,refunds:write';
  const [apiKey = '', opsKey = ''] = await operate(setup, [
    ['keys', 'create', '--merchant', merchant, '--scopes', scopes],
    ['keys', 'create', '--ops', 'demo', '--scopes', 'ops:read,ops:write'],
    ...commands,
  ]);
  return { merchant, apiKey, opsKey, terminals };
}

/** Makes the terminals known to the sandbox, which keeps nothing of a former run but its ledger. */
async function registerTerminals(url: string, { terminals, merchant }: SeededMerchant) {
  for (const { number, publicKey, privateKey } of terminals) {
    const response = await fetch(`${url}/sandbox/terminals`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ number, public_key: publicKey, private_key: privateKey, merchant }),
    });
    if (!response.ok) throw new Error(`the sandbox refused a terminal with ${response.status}`);
  }
}

/**
 * Makes the demo merchant unless the database has it, and its terminals at the sandbox. `file`
 * remembers it; `options` of the CLI are for each terminal.
 */
export async function seedMerchant(
  stack: Stack,
  file: string,
  options: Options = {},
): Promise<SeededMerchant> {
  const { sandbox } = stack.urls;
  const merchant = (await knownMerchant(stack, file)) ?? (await addMerchant(stack, options));
  await registerTerminals(sandbox, merchant);
  writeJson(file, { ...merchant, sandbox });
  return merchant;
}
