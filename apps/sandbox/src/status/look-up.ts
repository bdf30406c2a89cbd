// The read-only look-up: from a path segment to an answer (protocol §5.1).
import type { Behaviour } from '../generation/generation.js';
import type { Ledger } from '../transactions/ledger.js';
import { parseTransactionId } from '../transactions/transaction-id.js';
import { lookUpMap } from '../transactions/transaction-view.js';
import type { Transaction } from '../transactions/transaction.js';
import { jsonReply, type GatewayReply } from '../wire/gateway-reply.js';

export interface LookUp {
  readonly transaction: Transaction | undefined;
  readonly reply: GatewayReply;
  /** The same answer, only about a payment that is not the one asked for. */
  readonly asOtherPayment: () => GatewayReply;
}

/**
 * Error number 400; its HTTP status is 404 in the read-only look-up and 200 in the updating
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
  // Unknown is 200 with nothing in it; unreadable is 404.
  return transId === undefined ? invalidTransId(404) : jsonReply(200, {});
}

/** Only the reference page claims this; a numeric reference is always taken for a transID. */
function byReference(
  reference: string,
  ledger: Ledger,
  behaviour: Behaviour,
): Transaction | undefined {
  return behaviour.looksUpReferences ? ledger.withReference(reference).at(-1) : undefined;
}

/** Any other payment of the ledger; with none there, an invented one. */
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
