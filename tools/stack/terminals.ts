// The sandbox's terminals.
import { randomBytes } from 'node:crypto';
import { PUBLISHED_TERMINAL } from '../../apps/sandbox/src/transactions/published-terminal.js';

/** One of the sandbox's terminals. */
export interface LocalTerminal {
  readonly name: string;
  readonly number: number;
  readonly protocol: 'encrypted' | 'plain';
  readonly callbacks: 'aes256' | 'none';
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
export function withKeys(terminal: LocalTerminal): TerminalWithKeys {
  const { number, publicKey, privateKey } = PUBLISHED_TERMINAL;
  if (String(terminal.number) === number) return { ...terminal, publicKey, privateKey };
  return {
    ...terminal,
    publicKey: randomBytes(32).toString('base64'),
    privateKey: randomBytes(32).toString('base64url'),
  };
}
