// Generates and verifies the token in a payment's callback address: an HMAC over the payment id.
// The gateway does not sign callbacks; only a caller that knows this address can be the gateway
// (docs/gateway.md).
import { createHmac, timingSafeEqual } from 'node:crypto';
import { activeKey, type KeySet, type TokenKey } from './key-set.js';

/** The length of a SHA-256 digest in base64url without padding. */
const TOKEN_CHARS = 43;

/** Separates this use of the key from any later one. */
const CONTEXT = 'quittance callback v1\0';

/**
 * Returns the token of a payment's callback address, 43 characters of base64url, and the id of its
 * key. The key must stay in the key set for as long as a callback may arrive. Throws KeySetError
 * without a key.
 */
export function callbackToken(
  paymentId: string,
  keys: KeySet,
): { readonly kid: string; readonly token: string } {
  const key = activeKey(keys.callbackTokens, 'callbackTokens');
  return { kid: key.kid, token: tokenWith(key, paymentId) };
}

/**
 * True when a token is valid for this payment under any key, active or retired. The comparison
 * takes the same time for every token.
 */
export function verifyCallbackToken(paymentId: string, token: string, keys: KeySet): boolean {
  const given = Buffer.alloc(TOKEN_CHARS);
  given.write(token, 'utf8');
  let isMatch = false;
  for (const key of keys.callbackTokens) {
    const isEqual = timingSafeEqual(given, Buffer.from(tokenWith(key, paymentId), 'ascii'));
    isMatch = isEqual || isMatch;
  }
  // Checked last: the comparison covers only the first 43 bytes.
  return isMatch && token.length === TOKEN_CHARS;
}

function tokenWith(key: TokenKey, paymentId: string): string {
  return createHmac('sha256', key.secret)
    .update(CONTEXT + paymentId)
    .digest('base64url');
}
