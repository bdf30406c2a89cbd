// Implements the read-only look-up, from a path segment to a reply (protocol §5.1).
import type { Behaviour } from '../generation/generation.js';
import type { Ledger } from '../transactions/ledger.js';
import { parseTransactionId } from '../transactions/transaction-id.js';
import { lookUpMap } from '../transactions/transaction-view.js';
import type { Transaction } from '../transactions/transaction.js';
import { jsonReply, type GatewayReply } from '../wire/gateway-reply.js';

export interface LookUp {
  readonly transaction: Transaction | undefined;
  readonly reply: GatewayReply;
  /** The same reply about another payment than the requested one. */
  readonly asOtherPayment: () => GatewayReply;
}

/**
 * Returns error number 400. Its HTTP status is 404 in the read-only look-up and 200 in the updating
 * endpoints.
 */
export function invalidTransId(httpStatus: 200 | 404): GatewayReply {
  return jsonReply(httpStatus, {
    error_number: '400',
    error_message: 'Invalid transID format. It must be a number.',
    status: 'Error',
  });
}

export function lookUp(id: string, ledger: Ledger, behaviour: Behaviour): LookUp {
  const transId = parseTransactionId(id);
  const transaction =
    transId === undefined ? byReference(id, ledger, behaviour) : ledger.find(transId);
  return {
    transaction,
    reply: replyFor(transId, transaction, behaviour),
    asOtherPayment: () => jsonReply(200, lookUpMap(otherPayment(transaction, ledger), behaviour)),
  };
}

function replyFor(
  transId: string | undefined,
  transaction: Transaction | undefined,
  behaviour: Behaviour,
): GatewayReply {
  if (transaction) return jsonReply(200, lookUpMap(transaction, behaviour));
  // An unknown number is a 200 with an empty object; an unparsable one is a 404.
  return transId === undefined ? invalidTransId(404) : jsonReply(200, {});
}

/**
 * Only the reference page claims a look-up by reference; a numeric reference is always read as a
 * transID.
 */
function byReference(
  reference: string,
  ledger: Ledger,
  behaviour: Behaviour,
): Transaction | undefined {
  return behaviour.looksUpReferences ? ledger.withReference(reference).at(-1) : undefined;
}

/** Returns any other payment of the ledger, or an invented one when there is none. */
function otherPayment(asked: Transaction | undefined, ledger: Ledger): Transaction {
  for (const other of ledger.all()) if (other !== asked) return other;
  return {
    ...inventedPayment,
    ...asked,
    transId: '999000000000000001',
    reference: 'OTHER-PAYMENT',
  };
}

const inventedPayment: Transaction = {
  transId: '999000000000000001',
  rowNumber: 0,
  publicKey: '',
  terminalNumber: '0',
  merchant: 'other',
  reference: 'OTHER-PAYMENT',
  amount: 1,
  currency: 'EUR',
  productName: null,
  webhookUrl: '',
  returnUrl: undefined,
  integrationType: 's2s',
  mop: 'CC',
  brand: null,
  card: null,
  baseUrl: 'http://localhost/api/',
  createdAt: new Date(0),
  payer: { fullName: null, email: null, phone: null },
  parentTransId: undefined,
  orderStatus: 1,
  acquirerStatus: 1,
  response: 'Payment successful',
  charged: true,
};
