// Signs the status that a returning payer carries to the shop: a JWT (RFC 7519) of Ed25519. The
// shop verifies it with a key of `/.well-known/jwks.json`.
import { SignJWT } from 'jose';
import { activeKey, type KeySet } from './key-set.js';

/** The payer goes straight to the shop. A token that leaks from a log is worthless soon after. */
export const RETURN_TOKEN_SECONDS = 300;
/** No other signed message of ours has this type (RFC 8725 §3.11). */
const TYPE = 'payment-return+jwt';

/** The claims of a token beside the registered ones. */
export interface ReturnedPayment {
  readonly reference: string;
  readonly order_id: string | null;
  readonly status: string;
  readonly version: number;
  readonly amount: string;
  readonly currency: string;
  readonly livemode: boolean;
}

/** The subject of a token, a payment, and its audience, a merchant. */
export interface ReturnTokenContext {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly now: Date;
}

/** Returns a compact JWT that is valid for five minutes. Throws KeySetError without a key. */
export function returnToken(
  payment: ReturnedPayment,
  { paymentId, merchantId, now }: ReturnTokenContext,
  keys: KeySet,
): Promise<string> {
  const { kid, privateKey } = activeKey(keys.returnTokens, 'returnTokens');
  const issuedAt = Math.floor(now.getTime() / 1_000);
  return new SignJWT({ ...payment })
    .setProtectedHeader({ alg: 'EdDSA', kid, typ: TYPE })
    .setSubject(paymentId)
    .setAudience(merchantId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + RETURN_TOKEN_SECONDS)
    .sign(privateKey);
}
