// Keys of a local stack: made once, stored below .data/keys, readable by their owner only.
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeySets } from '@quittance/vault';
import { PUBLISHED_TERMINAL } from '../../apps/sandbox/src/transactions/published-terminal.js';
import { writeJson } from '../json.mjs';

/** One of the sandbox's terminals. */
export interface LocalTerminal {
  readonly name: string;
  readonly number: number;
  readonly protocol: 'encrypted' | 'plain';
  readonly callbacks: 'aes256' | 'none';
  /** The inquiry without a transID; default: the CLI's. */
  readonly inquiry?: 'trans-id' | 'reference' | 'probe';
}

/** With the keys the gateway issued for it. */
export interface TerminalWithKeys extends LocalTerminal {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The sandbox's terminals, one per combination of request protocol and callback mode. */
export const TERMINALS: readonly LocalTerminal[] = [
  { name: 'main', number: 42, protocol: 'encrypted', callbacks: 'aes256' },
  { name: 'enc-plain-cb', number: 43, protocol: 'encrypted', callbacks: 'none' },
  { name: 'plain', number: 44, protocol: 'plain', callbacks: 'none' },
  { name: 'plain-enc-cb', number: 45, protocol: 'plain', callbacks: 'aes256' },
];

/**
 * Keys as the gateway issues them: 44 characters with `=` for the public one, about 43 for the
 * private one (protocol §2.1). The terminal of the reference pages has theirs, so that the pages'
 * requests name a terminal of the demo merchant.
 */
const withKeys = (terminal: LocalTerminal): TerminalWithKeys => {
  const { number, publicKey, privateKey } = PUBLISHED_TERMINAL;
  if (String(terminal.number) === number) return { ...terminal, publicKey, privateKey };
  return {
    ...terminal,
    publicKey: randomBytes(32).toString('base64'),
    privateKey: randomBytes(32).toString('base64url'),
  };
};

/** Makes the key sets of the processes and the keys of the terminals unless they are there. */
export async function ensureKeys(
  folder: string,
): Promise<{ made: boolean; terminals: readonly TerminalWithKeys[] }> {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const terminalsFile = join(folder, 'terminals.json');
  const made = !existsSync(terminalsFile);
  if (made) {
    for (const [name, keySet] of Object.entries(generateKeySets()))
      writeJson(join(folder, `${name}.json`), keySet);
    // Written last: the file says that all the others are complete.
    writeJson(terminalsFile, TERMINALS.map(withKeys));
  }
  return { made, terminals: JSON.parse(readFileSync(terminalsFile, 'utf8')) };
}
