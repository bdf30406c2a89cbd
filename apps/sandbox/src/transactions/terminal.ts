// Defines a terminal: a merchant's account at the gateway, identified by its public key alone,
// which is the only credential (protocol §1.2).
import type { Aes256Keys } from '@quittance/gateway-protocol';

export interface Terminal {
  readonly number: string;
  readonly publicKey: string;
  /**
   * Without it the gateway does not try to decrypt data, and never sends encrypted webhooks (§2.4,
   * §6.4).
   */
  readonly privateKey: string | undefined;
  /** Terminals of one merchant share the scope of `unique_reference` (§11). */
  readonly merchant: string;
  /**
   * The acquirer's number, the first digits of each transID; null when none is mapped (error 5015).
   */
  readonly acquirer: number | null;
}

/**
 * Returns the keys of a terminal, always as the same object, so that the codec derives their bytes
 * once.
 */
export function keysOf(terminal: Terminal): Aes256Keys | undefined {
  const known = knownKeys.get(terminal);
  if (known || terminal.privateKey === undefined) return known;
  const keys = { publicKey: terminal.publicKey, privateKey: terminal.privateKey };
  knownKeys.set(terminal, keys);
  return keys;
}

const knownKeys = new WeakMap<Terminal, Aes256Keys>();
