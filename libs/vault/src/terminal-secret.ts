// Encrypts a terminal's gateway keys at rest. The operator's CLI encrypts them. Each is bound to
// its terminal and its use, so that neither another terminal's secret nor the copy for another
// process can replace it.
import { activeKey, type KeySet } from './key-set.js';
import { open, seal } from './jwe.js';
import { sealedHeader } from './sealed-header.js';

/**
 * The processes that decrypt a secret: `terminalSecrets` those that sign requests and decrypt
 * callbacks, `dropInSecrets` the api, for terminals that accept requests in the gateway's form.
 */
export type SecretUse = 'terminalSecrets' | 'dropInSecrets';

/** The terminal of the secret, its use, and the keys of this process. */
export interface TerminalSecretContext {
  readonly terminalId: string;
  readonly keys: KeySet;
  /** Default: `terminalSecrets`. */
  readonly use?: SecretUse;
}

const TYP: Readonly<Record<SecretUse, string>> = {
  terminalSecrets: 'quittance-terminal-secret',
  dropInSecrets: 'quittance-drop-in-secret',
};

/**
 * Encrypts a text for one terminal as a compact JWE. Throws KeySetError when the process has no key
 * for the use.
 */
export async function sealSecret(
  secret: string,
  { terminalId, keys, use = 'terminalSecrets' }: TerminalSecretContext,
): Promise<string> {
  return seal(secret, activeKey(keys[use], use), { typ: TYP[use], sub: terminalId });
}

/** Decrypts a secret of this terminal. Throws VaultError. */
export async function openSecret(
  jwe: string,
  { terminalId, keys, use = 'terminalSecrets' }: TerminalSecretContext,
): Promise<string> {
  return (await open(jwe, keys[use], { typ: TYP[use], sub: terminalId })).toString();
}

/**
 * Returns the secret encrypted with the active key, or the same text when it already is. Throws
 * VaultError.
 */
export async function resealSecret(jwe: string, context: TerminalSecretContext): Promise<string> {
  const { keys, use = 'terminalSecrets' } = context;
  if (sealedHeader(jwe).kid === activeKey(keys[use], use).kid) return jwe;
  return sealSecret(await openSecret(jwe, context), context);
}
