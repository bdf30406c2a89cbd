// A merchant's account at the gateway, found by its public key alone: there is no other credential
// (protocol §1.2).
import type { Aes256Keys } from '@quittance/gateway-protocol';

export interface Terminal {
  readonly number: string;
  readonly publicKey: string;
  /**
   * Undefined: encrypted data is then not even tried, and encrypted webhooks are never sent (§2.4,
   * §6.4).
   */
  readonly privateKey: string | undefined;
  /** Terminals of one merchant share the scope of `unique_reference` (§11). */
  readonly merchant: string;
  /** The acquirer's number, first digits of each transID; null when none is mapped (error 5015). */
  readonly acquirer: number | null;
}

/** The keys of a terminal, as one object per terminal so that the codec derives its bytes once. */
export function keysOf(terminal: Terminal): Aes256Keys | undefined {
  const known = knownKeys.get(terminal);
  if (known || terminal.privateKey === undefined) return known;
  const keys = { publicKey: terminal.publicKey, privateKey: terminal.privateKey };
  knownKeys.set(terminal, keys);
  return keys;
}

const knownKeys = new WeakMap<Terminal, Aes256Keys>();
