// Translates an exchange into an outcome, with one table each for create requests, refunds and
// inquiries (docs/gateway.md). The default is doubt: only a listed reply counts as a refusal, and
// an inquiry without an answer proves nothing.
import {
  type CreateReply,
  decimalText,
  decodeCreateReply,
  decodeRefundReply,
  decodeStatusReply,
  type GatewayTransaction,
  type RefundReply,
} from '@quittance/gateway-protocol';
import type {
  GatewayReport,
  InquiryAnswer,
  Outcome,
  RefundOutcome,
  RefusalCode,
  UnknownReason,
} from '@quittance/payments';
import type { Exchange } from './exchange.js';
import { stateOfCode } from './order-status.js';

/**
 * Error numbers of requests that the gateway refused before it saved a row (protocol §1.3, §3.2).
 * `isConfiguration` is true when it would refuse every payment of the terminal.
 */
const REFUSALS = {
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
} as const satisfies Partial<Record<RefusalCode, { readonly isConfiguration: boolean }>>;

/**
 * Reasons for which this process sends nothing until an operator corrects the terminal, its name
 * server or its pins.
 */
const CONFIGURATION_FAULTS: ReadonlySet<string> = new Set([
  'gateway_address_refused',
  'gateway_not_https',
  'gateway_pin_mismatch',
]);

const ALREADY_EXISTS = '5012';
/** The HTTP status is the only code of this reply. */
const BLOCKED = '403';

/** The terminal of the request. A reply about another terminal is not about the request. */
export interface OwnTerminal {
  /** `terNO` at the gateway. */
  readonly number: number;
}

/** Returns the outcome of a create exchange for the payment. */
export function interpretReply(exchange: Exchange, terminal: OwnTerminal): Outcome {
  switch (exchange.kind) {
    case 'notSent':
      return notSent(exchange.reason);
    case 'noReply':
      return unknown('no_reply', exchange.reason);
    case 'replied':
      return outcomeOf(decodeCreateReply(exchange), exchange.httpStatus, terminal);
  }
}

/**
 * Returns the outcome of a request that never left, for payments and refunds alike. It is marked as
 * a configuration fault when later attempts would fail in the same way.
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
      if (reply.stored) return unknown('connector_not_found_after_save');
      return misconfigured('connector_not_found', 'The gateway has no acquirer for the terminal.');
    case 'serverError':
      return unknown('gateway_server_error');
    case 'invalidConnector':
    case 'unlistedError':
      return unknown('unlisted_error', String(httpStatus));
    case 'unreadable':
      return unknown('unreadable_reply', String(httpStatus));
  }
}

function outcomeOfError(errorNumber: string, message: string): Outcome {
  if (errorNumber === ALREADY_EXISTS) return { kind: 'alreadyKnown', code: errorNumber };
  if (!isRefusal(errorNumber)) return unknown('gateway_error', errorNumber);
  return { kind: 'refused', code: errorNumber, message, ...REFUSALS[errorNumber] };
}

function isRefusal(errorNumber: string): errorNumber is keyof typeof REFUSALS {
  return Object.hasOwn(REFUSALS, errorNumber);
}

/** `detail` is stored with the attempt, for operators. */
function unknown(reason: UnknownReason, detail?: string): Extract<Outcome, { kind: 'unknown' }> {
  return { kind: 'unknown', reason, ...(detail !== undefined && { detail }) };
}

function misconfigured(code: RefusalCode, message: string): Outcome {
  return { kind: 'refused', code, message, isConfiguration: true };
}

/**
 * Translates the gateway's transaction into the terms of libs/payments, from the view of the
 * terminal whose payment it should belong to.
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

/** Returns the outcome of a refund exchange. libs/payments decides whether its report fits. */
export function interpretRefundReply(exchange: Exchange, terminal: OwnTerminal): RefundOutcome {
  switch (exchange.kind) {
    case 'notSent':
      return notSent(exchange.reason);
    case 'noReply':
      return unknown('no_reply', exchange.reason);
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
      return unknown('gateway_server_error', String(httpStatus));
    case 'unreadable':
      return unknown('unreadable_reply', String(httpStatus));
  }
}

/**
 * Returns the answer of a look-up by transID or reference (protocol §5.1). libs/payments decides
 * whether its report fits the payment.
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
 * Returns the answer of the existence probe (protocol §11). 5012 means that the gateway has the
 * reference, without details; 1111 that the probe passed the uniqueness check, so the gateway does
 * not have it. Any other reply is no answer.
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
