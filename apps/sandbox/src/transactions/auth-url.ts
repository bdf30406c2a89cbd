// Builds the payer's URLs, and the encrypted id inside them (protocol §4.2).
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Behaviour } from '../generation/generation.js';
import { parseTransactionId } from './transaction-id.js';
import { usesEncryptedWebhooks, type Transaction } from './transaction.js';

// The gateway's own key is secret. A fixed key here keeps URLs valid across restarts of the
// sandbox.
const tokenKey = createHash('sha256').update('quittance sandbox: ids inside authurl').digest();

/**
 * Returns the AES-256-ECB encryption of the decimal id in base64url: 44 characters padded, 43
 * without the `=`.
 */
export function authUrlToken(transId: string, padding: 'padded' | 'unpadded'): string {
  const cipher = createCipheriv('aes-256-ecb', tokenKey, null);
  const token = Buffer.concat([cipher.update(transId, 'utf8'), cipher.final()]).toString(
    'base64url',
  );
  return padding === 'padded' ? token + '='.repeat((4 - (token.length % 4)) % 4) : token;
}

/** Returns the id, or undefined when the token is not one of ours. */
export function readAuthUrlToken(token: string): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-ecb', tokenKey, null);
    const bytes = Buffer.concat([
      decipher.update(Buffer.from(token, 'base64url')),
      decipher.final(),
    ]);
    return parseTransactionId(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Returns the `authurl` of a create reply; with encrypted webhooks its id is encrypted. */
export function entryUrl(transaction: Transaction, behaviour: Behaviour): string {
  const { transId, baseUrl } = transaction;
  const spelling = usesEncryptedWebhooks(transaction) ? behaviour.authUrlToken : 'plain';
  return `${baseUrl}authurl/${spelling === 'plain' ? transId : authUrlToken(transId, spelling)}`;
}

/** Returns the `authurl` of status replies: the stored address that the entry URL redirects to. */
export function storedAuthUrl(transaction: Transaction, behaviour: Behaviour): string {
  const { transId, baseUrl } = transaction;
  if (behaviour.payerPages === 'authUrl') return `${baseUrl}authurl/auth_3ds/${transId}`;
  const page = isTest3ds(transaction) ? 'otp-auth' : 'apm-payment-cruise';
  return `${hostUrl(transaction)}/${page}?transID=${transId}`;
}

/** Returns the acquirer's address for the payer: the bank's page, or the test OTP page. */
export function payAddress(transaction: Transaction): string {
  const { transId, baseUrl } = transaction;
  return isTest3ds(transaction)
    ? `${baseUrl}authurl/test3dsecureauthentication/${transId}`
    : `${hostUrl(transaction)}/sandbox/bank/${transId}`;
}

/** True while the payer may still act: only with code 0 or 27 (§4.2). */
export function awaitsPayer(transaction: Transaction): boolean {
  return transaction.orderStatus === 0 || isTest3ds(transaction);
}

function isTest3ds(transaction: Transaction): boolean {
  return transaction.orderStatus === 27;
}

function hostUrl(transaction: Transaction): string {
  return transaction.baseUrl.slice(0, -'/api/'.length);
}
