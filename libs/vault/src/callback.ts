// A callback that cannot be stored in Postgres waits elsewhere, sealed, because its body may hold
// card data and keys (protocol, callbacks). Sealed to the terminalSecrets key: who reads callbacks
// holds it.
import { activeKey, type KeySet } from './key-set.js';
import { open, seal } from './jwe.js';

/** Which payment's address it came to, and the keys of this process. */
export interface CallbackContext {
  readonly paymentId: string;
  readonly keys: KeySet;
}

const TYP = 'quittance-callback';

/**
 * Seals a callback's bytes: a compact JWE. Throws KeySetError when the process has no
 * terminalSecrets key.
 */
export async function sealCallback(
  callback: Uint8Array | string,
  { paymentId, keys }: CallbackContext,
): Promise<string> {
  return seal(callback, activeKey(keys.terminalSecrets, 'terminalSecrets'), {
    typ: TYP,
    sub: paymentId,
  });
}

/** Opens what {@link sealCallback} sealed for this payment. Throws VaultError. */
export async function openCallback(
  jwe: string,
  { paymentId, keys }: CallbackContext,
): Promise<Buffer> {
  return open(jwe, keys.terminalSecrets, { typ: TYP, sub: paymentId });
}
