// Builds the row of a create call: step 11, which issues the transID (protocol §1.3, §4.1).
import { acquirerResponse } from '../acquirer/acquirer.js';
import type { Behaviour } from '../generation/generation.js';
import type { Ledger } from '../transactions/ledger.js';
import { datedTransactionId, randomTransactionId } from '../transactions/transaction-id.js';
import { countsAsCharge, type Transaction } from '../transactions/transaction.js';
import type { Parameters } from '@quittance/gateway-protocol';
import { brandOf } from './card.js';
import type { CheckedRequest } from './check-request.js';

interface RowContext {
  readonly ledger: Ledger;
  readonly behaviour: Behaviour;
  readonly baseUrl: string;
}

export function newTransaction(
  { parameters, terminal, acquirer, amount, card, isTestCard, orderStatus }: CheckedRequest,
  { ledger, behaviour, baseUrl }: RowContext,
): Transaction {
  const text = (name: string): string | null => parameters.get(name) ?? null;
  const createdAt = new Date();
  return {
    transId: freeTransactionId(ledger, behaviour, acquirer, createdAt),
    rowNumber: ledger.nextRowNumber(),
    publicKey: terminal.publicKey,
    terminalNumber: behaviour.overwritesTerminalNumber
      ? terminal.number
      : (parameters.get('terNO') ?? terminal.number),
    merchant: terminal.merchant,
    reference: text('reference'),
    amount,
    currency: text('bill_currency'),
    productName: text('product_name'),
    webhookUrl: parameters.get('webhook_url'),
    returnUrl: parameters.get('return_url'),
    integrationType: integrationType(parameters, behaviour),
    mop: text('mop'),
    brand: card === undefined ? null : brandOf(card),
    card:
      card === undefined
        ? null
        : { first6: card.slice(0, 6), last4: card.slice(-4), length: card.length },
    baseUrl,
    createdAt,
    payer: { fullName: text('fullname'), email: text('bill_email'), phone: text('bill_phone') },
    parentTransId: undefined,
    orderStatus,
    acquirerStatus: undefined,
    response: isTestCard ? testResponse(orderStatus) : acquirerResponse(orderStatus),
    charged: countsAsCharge(orderStatus, undefined),
  };
}

/**
 * Returns the next unused id. The gateway's own ids are unique only by luck, and a collision there
 * is the catch-all error after the save. Drawing another id keeps load runs free of that accident.
 */
export function freeTransactionId(
  ledger: Ledger,
  behaviour: Behaviour,
  acquirer: number,
  at: Date,
): string {
  for (let rowNumber = ledger.nextRowNumber(); ; rowNumber += 1) {
    const transId =
      behaviour.transactionId === 'dated'
        ? datedTransactionId({ acquirer, rowNumber, at })
        : randomTransactionId({ acquirer, rowNumber, at }, Math.random());
    if (!ledger.has(transId)) return transId;
  }
}

/**
 * Returns the stored integration type. Its suffix later enables webhook encryption (§6.4). Only the
 * exact value `aes256` counts, in simple mode too.
 */
function integrationType(parameters: Parameters, behaviour: Behaviour): string {
  const hyphen = parameters.get('integration-type');
  const underscore = parameters.get('integration_type');
  const type =
    behaviour.integrationTypeWinner === 'integration-type'
      ? (hyphen ?? underscore)
      : (underscore ?? hyphen);
  const isEncrypted = behaviour.hasEncryption && parameters.get('encryption_method') === 'aes256';
  return `${type ?? 's2s'}${isEncrypted ? '_aes256' : ''}`;
}

function testResponse(orderStatus: number): string {
  switch (orderStatus) {
    case 25:
      return 'Test Transaction approved, no money was moved';
    case 26:
      return 'Test Transaction declined';
    default:
      return acquirerResponse(orderStatus);
  }
}
