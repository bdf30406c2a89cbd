// Builds the successful reply of the create call (protocol §3.1).
import { javaDoubleText } from '@quittance/gateway-protocol';
import { acquirerResponse } from '../acquirer/acquirer.js';
import type { Behaviour } from '../generation/generation.js';
import { authDataOf, encodedAuthData } from '../transactions/auth-data.js';
import { entryUrl } from '../transactions/auth-url.js';
import { engineText } from '../transactions/status-texts.js';
import { maskedCard, shownMop } from '../transactions/transaction-view.js';
import type { Transaction } from '../transactions/transaction.js';
import type { JsonObject } from '../wire/gateway-reply.js';
import { membersInOrder } from '../wire/members-in-order.js';
import { serverTimeText } from '../wire/server-time.js';

/** The members of the reference page's reply to a plain request, in its order. */
const PUBLISHED_PLAIN = [
  'authstatus',
  'bill_currency',
  'transID',
  'mop',
  'ccno',
  'reference',
  'authurl',
  'order_status',
  'tdate',
  'response',
  'authdata',
  'bill_amt',
  'status',
] as const;

/** The members of the reference page's reply to an encrypted request, in its order. */
const PUBLISHED_ENCRYPTED = [
  'authurl',
  'transID',
  'reference',
  'order_status',
  'status',
  'bill_amt',
  'bill_currency',
  'response',
] as const;

/** Returns the flat JSON of a create reply, with the fields of the generation. */
export function createReply(
  transaction: Transaction,
  behaviour: Behaviour,
  request: { wasEncrypted: boolean },
): JsonObject {
  const reply = {
    authurl: entryUrl(transaction, behaviour),
    transID: transaction.transId,
    reference: transaction.reference,
    ...statusFields(transaction, behaviour),
    bill_amt: javaDoubleText(transaction.amount),
    bill_currency: transaction.currency,
    tdate: serverTimeText(transaction.createdAt, behaviour.timeFraction),
    mop: shownMop(transaction, behaviour),
    ...(transaction.card && { ccno: maskedCard(transaction.card, behaviour.cardMask) }),
    rrn: null,
    upa: 'null',
    authstatus: `${transaction.baseUrl}authurl/s2s/${transaction.transId}`,
    ...authDataFields(transaction, behaviour),
  };
  if (behaviour.createReply === 'wide') return reply;
  return membersInOrder(reply, request.wasEncrypted ? PUBLISHED_ENCRYPTED : PUBLISHED_PLAIN);
}

/**
 * Returns code and texts. The reference pages show code 0 for a payment that waits for 3DS; its row
 * has 27 where a test card waits for the test page.
 */
function statusFields(
  { orderStatus, response }: Transaction,
  { createReply: kind }: Behaviour,
): JsonObject {
  const isShownPending = kind === 'published' && orderStatus === 27;
  const shown = isShownPending ? 0 : orderStatus;
  return {
    order_status: String(shown),
    status: engineText(shown),
    response: isShownPending ? acquirerResponse(0) : response,
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
