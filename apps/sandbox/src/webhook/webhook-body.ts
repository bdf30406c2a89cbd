// Builds the body of a webhook, plain or encrypted (protocol §6.3, §6.4).
import { encryptAes256 } from '@quittance/gateway-protocol';
import type { Behaviour } from '../generation/generation.js';
import { keysOf, type Terminal } from '../transactions/terminal.js';
import { usesEncryptedWebhooks, type Transaction } from '../transactions/transaction.js';
import type { JsonObject } from '../wire/gateway-reply.js';
import { membersInOrder } from '../wire/members-in-order.js';

/** The fields of the decrypted sample on the reference page, in its order. */
const publishedFields = [
  'bill_currency',
  'transID',
  'mop',
  'ccno',
  'reference',
  'order_status',
  'bill_amt',
  'status',
] as const;

/**
 * Returns the body; undefined when encryption was requested and the terminal lacks keys, in which
 * case no webhook is sent.
 */
export function webhookBody(
  transaction: Transaction,
  map: JsonObject,
  context: { readonly terminal: Terminal | undefined; readonly behaviour: Behaviour },
): string | undefined {
  if (!usesEncryptedWebhooks(transaction)) return JSON.stringify(map);
  const keys = context.terminal && keysOf(context.terminal);
  if (!keys) return undefined;
  const plaintext =
    context.behaviour.encryptedWebhook === 'json' ? JSON.stringify(map) : queryString(map);
  // The gateway sends the private key in clear; a client must neither log this body nor read keys
  // from it.
  return JSON.stringify({
    private_key: keys.privateKey,
    public_key: keys.publicKey,
    data: encryptAes256(plaintext, keys),
  });
}

/**
 * Returns the fields as a query string. Values are not URL-encoded, and null is the text `null`, as
 * on the reference page.
 */
function queryString(map: JsonObject): string {
  return Object.entries(membersInOrder(map, publishedFields))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join('&');
}
