// What the answers to our questions mean. Not being answered, or not understanding the answer, proves nothing.
import { decodeCreateReply, decodeStatusReply } from '@quittance/gateway-protocol';
import type { InquiryAnswer } from '@quittance/payments';
import type { Exchange } from './exchange.js';
import { type OwnTerminal, reportOf } from './interpret-reply.js';

/** What a look-up by transID or reference tells (protocol §5.1). Whether the report fits the payment is decided elsewhere. */
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
 * What the existence probe tells (protocol §11): 5012 means that the gateway has the reference, without saying more;
 * 1111 that it got past the uniqueness check and has not. Anything else is no answer.
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
