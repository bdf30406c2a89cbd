// What the reply to a refund request means (protocol §8): one table with "unknown" as its default, like interpretReply. Only what the
// gateway checks before it does anything is a refusal.
import { decodeRefundReply, type RefundReply } from '@quittance/gateway-protocol';
import type { RefundOutcome } from '@quittance/payments';
import type { Exchange } from './exchange.js';
import { notSent, type OwnTerminal, reportOf } from './interpret-reply.js';

/** What a refund exchange tells about the refund. Whether a report in it fits the payment is decided elsewhere. */
export function interpretRefundReply(exchange: Exchange, terminal: OwnTerminal): RefundOutcome {
  switch (exchange.kind) {
    case 'notSent':
      return notSent(exchange.reason);
    case 'noReply':
      return { kind: 'unknown', reason: `no_reply_${exchange.reason}` };
    case 'replied':
      return outcomeOf(decodeRefundReply(exchange), exchange.httpStatus, terminal);
  }
}

function outcomeOf(reply: RefundReply, httpStatus: number, terminal: OwnTerminal): RefundOutcome {
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
