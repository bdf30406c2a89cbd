// Encrypts callbacks that are buffered outside Postgres, because a body may contain card data and
// keys (protocol, callbacks). The terminalSecrets key encrypts them, since the processes that read
// callbacks hold it.
import { activeKey, type KeySet } from './key-set.js';
import { open, seal } from './jwe.js';

/** The payment whose address received the callback, and the keys of this process. */
export interface CallbackContext {
  readonly paymentId: string;
  readonly keys: KeySet;
}

const TYP = 'quittance-callback';

/**
 * Encrypts a callback's bytes as a compact JWE. Throws KeySetError when the process has no
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

/** Decrypts a callback that {@link sealCallback} encrypted for this payment. Throws VaultError. */
export async function openCallback(
  jwe: string,
  { paymentId, keys }: CallbackContext,
): Promise<Buffer> {
  return open(jwe, keys.terminalSecrets, { typ: TYP, sub: paymentId });
}
