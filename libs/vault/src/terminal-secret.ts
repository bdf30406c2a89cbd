// A terminal's keys at the gateway, at rest. Sealed by the operator's CLI, opened where requests
// are signed and callbacks decrypted; bound to the terminal, so that one terminal's secret cannot
// be put in another's place.
import { activeKey, type KeySet } from './key-set.js';
import { open, seal } from './jwe.js';
import { sealedHeader } from './sealed-header.js';

/** Whose secret it is, and the keys of this process. */
export interface TerminalSecretContext {
  readonly terminalId: string;
  readonly keys: KeySet;
}

const TYP = 'quittance-terminal-secret';

/**
 * Seals a text for one terminal: a compact JWE. Throws KeySetError when the process has no
 * terminalSecrets key.
 */
export async function sealSecret(
  secret: string,
  { terminalId, keys }: TerminalSecretContext,
): Promise<string> {
  const key = activeKey(keys.terminalSecrets, 'terminalSecrets');
  return seal(secret, key, { typ: TYP, sub: terminalId });
}

/** Opens a secret sealed for this terminal. Throws VaultError. */
export async function openSecret(
  jwe: string,
  { terminalId, keys }: TerminalSecretContext,
): Promise<string> {
  return (await open(jwe, keys.terminalSecrets, { typ: TYP, sub: terminalId })).toString();
}

/**
 * The secret sealed to the active key; the very same text when it already is. Throws VaultError.
 */
export async function resealSecret(jwe: string, context: TerminalSecretContext): Promise<string> {
  const active = activeKey(context.keys.terminalSecrets, 'terminalSecrets');
  if (sealedHeader(jwe).kid === active.kid) return jwe;
  return sealSecret(await openSecret(jwe, context), context);
}
