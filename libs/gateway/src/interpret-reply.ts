// From what happened on the wire to what it means, one table each for a create call, a refund and
// an inquiry (docs/gateway.md). The default is always doubt: only what is listed as proof counts as
// a refusal, and an inquiry without an answer proves nothing.
import {
  type CreateReply,
  decimalText,
  decodeCreateReply,
  decodeRefundReply,
  decodeStatusReply,
  type GatewayTransaction,
  type RefundReply,
} from '@quittance/gateway-protocol';
import type { GatewayReport, InquiryAnswer, Outcome, RefundOutcome } from '@quittance/payments';
import type { Exchange } from './exchange.js';
import { stateOfCode } from './order-status.js';

/**
 * Refused before the row was saved (protocol §1.3, §3.2); the value says whether every payment of
 * the terminal would be.
 */
const REFUSALS: Readonly<Record<string, { readonly isConfiguration: boolean }>> = {
  '1111': { isConfiguration: false },
  '1112': { isConfiguration: false },
  '1113': { isConfiguration: false },
  '5001': { isConfiguration: true },
  '5002': { isConfiguration: false },
  '5003': { isConfiguration: false },
  '5005': { isConfiguration: false },
  '5007': { isConfiguration: false },
  '5008': { isConfiguration: false },
  '5015': { isConfiguration: true },
};

/**
 * Refused by us before a byte left, and for as long as nobody mends the terminal, its name server
 * or its pins.
 */
const CONFIGURATION_FAULTS: ReadonlySet<string> = new Set([
  'gateway_address_refused',
  'gateway_not_https',
  'gateway_pin_mismatch',
]);

const ALREADY_EXISTS = '5012';
/** The HTTP status is all the code that this reply has. */
const BLOCKED = '403';

/**
 * The terminal that a request went through; what the gateway says of another one is not about the
 * request.
 */
export interface OwnTerminal {
  /** `terNO` at the gateway. */
  readonly number: number;
}

/** What a create exchange tells about the payment. */
export function interpretReply(exchange: Exchange, terminal: OwnTerminal): Outcome {
  switch (exchange.kind) {
    case 'notSent':
      return notSent(exchange.reason);
    case 'noReply':
      return { kind: 'unknown', reason: `no_reply_${exchange.reason}` };
    case 'replied':
      return outcomeOf(decodeCreateReply(exchange), exchange.httpStatus, terminal);
  }
}

/**
 * For payments and refunds alike: a request that never left, and whether later tries would fare the
 * same.
 */
function notSent(reason: string): Extract<Outcome, { kind: 'notSent' }> {
  const isConfiguration = CONFIGURATION_FAULTS.has(reason);
  return { kind: 'notSent', reason, ...(isConfiguration && { isConfiguration }) };
}

function outcomeOf(reply: CreateReply, httpStatus: number, terminal: OwnTerminal): Outcome {
  switch (reply.kind) {
    case 'transaction':
      return { kind: 'reported', report: reportOf(reply.transaction, terminal) };
    case 'blocked':
      return { kind: 'blocked', code: BLOCKED, transId: reply.transId, message: reply.message };
    case 'error':
      return outcomeOfError(reply.errorNumber, reply.message);
    case 'terminalNotFound':
      return misconfigured(
        'terminal_not_found',
        'The gateway does not know the terminal’s public key.',
      );
    case 'connectorNotFound':
      if (reply.stored) return { kind: 'unknown', reason: 'connector_not_found_after_save' };
      return misconfigured('connector_not_found', 'The gateway has no acquirer for the terminal.');
    case 'serverError':
      return { kind: 'unknown', reason: 'gateway_server_error' };
    case 'invalidConnector':
    case 'unlistedError':
      return { kind: 'unknown', reason: `unlisted_error_${httpStatus}` };
    case 'unreadable':
      return { kind: 'unknown', reason: `unreadable_reply_${httpStatus}` };
  }
}

function outcomeOfError(errorNumber: string, message: string): Outcome {
  if (errorNumber === ALREADY_EXISTS) return { kind: 'alreadyKnown', code: errorNumber };
  const refusal = REFUSALS[errorNumber];
  if (!refusal) return { kind: 'unknown', reason: `gateway_error_${errorNumber}` };
  return { kind: 'refused', code: errorNumber, message, ...refusal };
}

function misconfigured(code: string, message: string): Outcome {
  return { kind: 'refused', code, message, isConfiguration: true };
}

/**
 * The gateway's transaction in the words of the domain, seen from the terminal whose payment it
 * should be about.
 */
export function reportOf(transaction: GatewayTransaction, { number }: OwnTerminal): GatewayReport {
  const { amount, terminal } = transaction;
  return {
    transId: transaction.transId,
    state: stateOfCode(transaction.orderStatus),
    orderStatus: transaction.orderStatus,
    reference: transaction.reference ?? null,
    amount: amount === undefined ? null : decimalText(amount),
    currency: transaction.currency ?? null,
    response: transaction.response ?? null,
    authUrl: transaction.authUrl ?? null,
    maskedCard: transaction.maskedCard ?? null,
    isOtherTerminal: terminal !== undefined && terminal !== String(number),
    unreadable: transaction.unreadable,
  };
}

/**
 * What a refund exchange tells about the refund. Whether a report in it fits the payment is decided
 * elsewhere.
 */
export function interpretRefundReply(exchange: Exchange, terminal: OwnTerminal): RefundOutcome {
  switch (exchange.kind) {
    case 'notSent':
      return notSent(exchange.reason);
    case 'noReply':
      return { kind: 'unknown', reason: `no_reply_${exchange.reason}` };
    case 'replied':
      return refundOutcomeOf(decodeRefundReply(exchange), exchange.httpStatus, terminal);
  }
}

function refundOutcomeOf(
  reply: RefundReply,
  httpStatus: number,
  terminal: OwnTerminal,
): RefundOutcome {
  switch (reply.kind) {
    case 'accepted':
      return { kind: 'accepted', report: reportOf(reply.transaction, terminal) };
    case 'alreadyRequested':
      return { kind: 'alreadyRequested', report: reportOf(reply.transaction, terminal) };
    case 'notSuccessful': {
      const report = reportOf(reply.transaction, terminal);
      const message = `The gateway refunds approved payments only; this one has order_status ${report.orderStatus}.`;
      return { kind: 'refused', code: 'not_approved', message, report };
    }
    case 'notFound': {
      const message = 'The gateway does not know the payment’s transaction.';
      return { kind: 'refused', code: 'transaction_not_found', message, report: null };
    }
    case 'rejected':
      return { kind: 'refused', code: 'rejected', message: reply.message, report: null };
    case 'serverError':
      return { kind: 'unknown', reason: `gateway_server_error_${httpStatus}` };
    case 'unreadable':
      return { kind: 'unknown', reason: `unreadable_reply_${httpStatus}` };
  }
}

/**
 * What a look-up by transID or reference tells (protocol §5.1). Whether the report fits the payment
 * is decided elsewhere.
 */
export function interpretStatus(exchange: Exchange, terminal: OwnTerminal): InquiryAnswer {
  if (exchange.kind !== 'replied') return { kind: 'unanswered', reason: exchange.reason };
  const reply = decodeStatusReply(exchange);
  switch (reply.kind) {
    case 'transaction':
      return { kind: 'reported', report: reportOf(reply.transaction, terminal) };
    case 'notFound':
      return { kind: 'notFound' };
    case 'error':
      return {
        kind: 'unanswered',
        reason: `gateway_error_${reply.errorNumber ?? reply.httpStatus}`,
      };
    case 'unreadable':
      return { kind: 'unanswered', reason: `unreadable_answer_${exchange.httpStatus}` };
  }
}

/**
 * What the existence probe tells (protocol §11): 5012 means that the gateway has the reference,
 * without saying more; 1111 that it got past the uniqueness check and has not. Anything else is no
 * answer.
 */
export function interpretProbe(exchange: Exchange): InquiryAnswer {
  if (exchange.kind !== 'replied') return { kind: 'unanswered', reason: exchange.reason };
  const reply = decodeCreateReply(exchange);
  if (reply.kind !== 'error')
    return { kind: 'unanswered', reason: `unreadable_answer_${exchange.httpStatus}` };
  if (reply.errorNumber === '1111') return { kind: 'notFound' };
  if (reply.errorNumber === '5012') return { kind: 'existsWithoutDetails' };
  return { kind: 'unanswered', reason: `gateway_error_${reply.errorNumber}` };
}
