// The token in a payment's callback address: an HMAC over the payment id. The gateway does not sign
// callbacks; knowing this address is what tells it from anybody else (docs/gateway.md).
import { createHmac, timingSafeEqual } from 'node:crypto';
import { activeKey, type KeySet, type TokenKey } from './key-set.js';

/** SHA-256 in base64url without padding. */
const TOKEN_CHARS = 43;

/** Keeps this use of the key apart from any later one. */
const CONTEXT = 'quittance callback v1\0';

/**
 * The token for a payment's callback address, 43 characters of base64url, and the key it was made
 * with, which has to stay for as long as a callback may come. Throws KeySetError without a key.
 */
export function callbackToken(
  paymentId: string,
  keys: KeySet,
): { readonly kid: string; readonly token: string } {
  const key = activeKey(keys.callbackTokens, 'callbackTokens');
  return { kid: key.kid, token: tokenWith(key, paymentId) };
}

/**
 * Whether a token is this payment's, by any key, active or retired. Takes the same work whatever is
 * given.
 */
export function verifyCallbackToken(paymentId: string, token: string, keys: KeySet): boolean {
  const given = Buffer.alloc(TOKEN_CHARS);
  given.write(token, 'utf8');
  let isMatch = false;
  for (const key of keys.callbackTokens) {
    const isEqual = timingSafeEqual(given, Buffer.from(tokenWith(key, paymentId), 'ascii'));
    isMatch = isEqual || isMatch;
  }
  // Checked last: what follows the first 43 bytes was not compared.
  return isMatch && token.length === TOKEN_CHARS;
}

function tokenWith(key: TokenKey, paymentId: string): string {
  return createHmac('sha256', key.secret)
    .update(CONTEXT + paymentId)
    .digest('base64url');
}
