// Formats the responses of the control paths: the public names of the sandbox's state.
import type { AcquirerScript } from '../acquirer/acquirer.js';
import type { Terminal } from '../transactions/terminal.js';
import type { ReceivedRequest } from '../transactions/journal.js';
import type { Ledger } from '../transactions/ledger.js';
import type { Transaction } from '../transactions/transaction.js';
import { javaDoubleText } from '@quittance/gateway-protocol';
import type { JsonObject } from '../wire/gateway-reply.js';
import type { FaultScript } from '../exchange/faults.js';

/**
 * Returns one row of the ledger. `requests` counts the create requests with this reference that
 * could have charged; `refund_requests` counts the refund requests for this row; `refund_amt` is
 * the accepted part.
 */
export function ledgerRow(transaction: Transaction, ledger: Ledger): JsonObject {
  const { reference } = transaction;
  return {
    transID: transaction.transId,
    reference,
    terNO: transaction.terminalNumber,
    merchant: transaction.merchant,
    bill_amt: javaDoubleText(transaction.amount),
    bill_currency: transaction.currency,
    order_status: String(transaction.orderStatus),
    charged: transaction.charged,
    parent_transID: transaction.parentTransId ?? null,
    refund_requests: transaction.refundRequests ?? 0,
    refund_amt:
      transaction.refundAmount === undefined ? null : javaDoubleText(transaction.refundAmount),
    created_at: transaction.createdAt.toISOString(),
    requests: ledger.chargeRequests(reference ?? ''),
  };
}

export function receivedRequest(request: ReceivedRequest): JsonObject {
  return {
    received_at: request.at.toISOString(),
    path: request.path,
    terNO: request.terminalNumber ?? null,
    could_charge: request.couldCharge,
  };
}

/** Returns a terminal without its private key, which is write-only. */
export function terminalView(terminal: Terminal): JsonObject {
  const { number, publicKey, merchant, acquirer } = terminal;
  return { number, public_key: publicKey, merchant, acquirer };
}

export function faultView({ fault, match, remaining, ms, stage }: FaultScript): JsonObject {
  return { fault, match, times: remaining, stage, ...(ms === undefined ? {} : { ms }) };
}

export function acquirerView({ match, answer, remaining }: AcquirerScript): JsonObject {
  const { reference, referencePrefix, mop } = match;
  const { orderStatus, settlement } = answer;
  return {
    match: { reference, reference_prefix: referencePrefix, mop },
    reply: String(orderStatus),
    ...(settlement && {
      settle: { order_status: String(settlement.orderStatus), after_ms: settlement.afterMs },
    }),
    ...(remaining === undefined ? {} : { times: remaining }),
  };
}
