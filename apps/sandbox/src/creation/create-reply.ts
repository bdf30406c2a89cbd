// Builds the successful reply of the create call (protocol §3.1).
import type { Behaviour } from '../generation/generation.js';
import { authDataOf, encodedAuthData } from '../transactions/auth-data.js';
import { entryUrl } from '../transactions/auth-url.js';
import { engineText } from '../transactions/status-texts.js';
import { maskedCard, shownMop } from '../transactions/transaction-view.js';
import type { Transaction } from '../transactions/transaction.js';
import type { JsonObject } from '../wire/gateway-reply.js';
import { javaDoubleText } from '../wire/java-double.js';
import { serverTimeText } from '../wire/server-time.js';

/** Returns the flat JSON of a create reply, with the fields of the generation. */
export function createReply(
  transaction: Transaction,
  behaviour: Behaviour,
  request: { wasEncrypted: boolean },
): JsonObject {
  const core = {
    authurl: entryUrl(transaction, behaviour),
    transID: transaction.transId,
    reference: transaction.reference,
    order_status: String(transaction.orderStatus),
    status: engineText(transaction.orderStatus),
    bill_amt: javaDoubleText(transaction.amount),
    bill_currency: transaction.currency,
    response: transaction.response,
  };
  if (request.wasEncrypted && behaviour.shortEncryptedReply) return core;
  return {
    ...core,
    tdate: serverTimeText(transaction.createdAt, behaviour.timeFraction),
    mop: shownMop(transaction, behaviour),
    ...(transaction.card && { ccno: maskedCard(transaction.card, behaviour.cardMask) }),
    rrn: null,
    upa: 'null',
    authstatus: `${transaction.baseUrl}authurl/s2s/${transaction.transId}`,
    ...authDataFields(transaction, behaviour),
  };
}

function authDataFields(transaction: Transaction, behaviour: Behaviour): JsonObject {
  if (behaviour.createAuthData === 'base64')
    return { authdata: encodedAuthData(transaction, behaviour) };
  const data = authDataOf(transaction);
  if (!data || !transaction.integrationType.startsWith('checkout-s2s')) return {};
  const { payaddress, action, payamt, paytitle, paycurrency } = data;
  return { authdata: data, payaddress, action, payamt, paytitle, paycurrency };
}
