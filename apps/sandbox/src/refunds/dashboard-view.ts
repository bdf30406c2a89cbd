// Formats rows as the gateway's dashboard does: raw entities, and a search that returns a list or a
// page (protocol §0).
import type { Behaviour } from '../generation/generation.js';
import type { Ledger } from '../transactions/ledger.js';
import type { Transaction } from '../transactions/transaction.js';
import { jsonReply, type GatewayReply, type JsonObject } from '../wire/gateway-reply.js';
import type { Parameters } from '@quittance/gateway-protocol';

/** Larger than a page of the dashboard. */
const PAGE_SIZE = 100;

export function dashboardEntity(transaction: Transaction): JsonObject {
  return {
    id: transaction.rowNumber,
    transID: transaction.transId,
    reference: transaction.reference,
    merchantID: transaction.merchant,
    terno: transaction.terminalNumber,
    transactionStatus: transaction.orderStatus,
    billAmount: transaction.amount,
    billCurrency: transaction.currency,
    integrationType: transaction.integrationType,
    transactionResponse: transaction.response,
    originalTransID: transaction.parentTransId ?? null,
    transactionDate: transaction.createdAt.toISOString(),
  };
}

/** Returns the rows that match `reference`, `merchantID` and `status`, newest first. */
export function searchReply(
  filters: Parameters,
  ledger: Ledger,
  behaviour: Behaviour,
): GatewayReply {
  const reference = filters.get('reference');
  const rows = reference === undefined ? [...ledger.all()] : [...ledger.withReference(reference)];
  const found = rows.filter((row) => matches(row, filters)).toReversed();
  const entities = found.slice(0, PAGE_SIZE).map(dashboardEntity);
  if (behaviour.search === 'list') return jsonReply(200, entities);
  return jsonReply(200, {
    content: entities,
    totalElements: found.length,
    totalPages: Math.ceil(found.length / PAGE_SIZE),
    number: 0,
    size: PAGE_SIZE,
  });
}

function matches(row: Transaction, filters: Parameters): boolean {
  const merchant = filters.get('merchantID');
  const status = filters.get('status');
  if (merchant !== undefined && row.merchant !== merchant) return false;
  return status === undefined || String(row.orderStatus) === status;
}
