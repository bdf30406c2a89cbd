// Encrypts a terminal's gateway keys at rest. The operator's CLI encrypts them; the processes that
// sign requests and decrypt callbacks decrypt them. Each is bound to its terminal, so that one
// terminal's secret cannot replace another's.
import { activeKey, type KeySet } from './key-set.js';
import { open, seal } from './jwe.js';
import { sealedHeader } from './sealed-header.js';

/** The terminal of the secret, and the keys of this process. */
export interface TerminalSecretContext {
  readonly terminalId: string;
  readonly keys: KeySet;
}

const TYP = 'quittance-terminal-secret';

/**
 * Encrypts a text for one terminal as a compact JWE. Throws KeySetError when the process has no
 * terminalSecrets key.
 */
export async function sealSecret(
  secret: string,
  { terminalId, keys }: TerminalSecretContext,
): Promise<string> {
  const key = activeKey(keys.terminalSecrets, 'terminalSecrets');
  return seal(secret, key, { typ: TYP, sub: terminalId });
}

/** Decrypts a secret of this terminal. Throws VaultError. */
export async function openSecret(
  jwe: string,
  { terminalId, keys }: TerminalSecretContext,
): Promise<string> {
  return (await open(jwe, keys.terminalSecrets, { typ: TYP, sub: terminalId })).toString();
}

/**
 * Returns the secret encrypted with the active key, or the same text when it already is. Throws
 * VaultError.
 */
export async function resealSecret(jwe: string, context: TerminalSecretContext): Promise<string> {
  const active = activeKey(context.keys.terminalSecrets, 'terminalSecrets');
  if (sealedHeader(jwe).kid === active.kid) return jwe;
  return sealSecret(await openSecret(jwe, context), context);
}
