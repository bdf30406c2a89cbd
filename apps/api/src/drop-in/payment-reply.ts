// Answers a create call for a payment in whatever state it is. A repeat of the request gets the
// same kind of reply, so that a caller who lost one learns the result by asking again.
import { createReplyOf, findErrorNumber, reportedPayment } from '@quittance/gateway-protocol';
import { type Payment, paymentIntentView } from '@quittance/payments';
import {
  type GatewayReply,
  json,
  OUTCOME_UNKNOWN,
  structuredError,
  TERMINAL_NOT_FOUND,
} from './gateway-reply.js';

/** True when the submission has ended: with a reply, with a timeout, or by cancellation. */
export function hasSubmissionEnded({ status }: Payment): boolean {
  return status !== 'queued' && status !== 'submitting';
}

/** Returns the reply of the create call. `apiUrl` ends in `/api/`. */
export function replyOf(payment: Payment, terminalName: string, apiUrl: string): GatewayReply {
  if (!hasSubmissionEnded(payment) || payment.status === 'inDoubt') return OUTCOME_UNKNOWN;
  const reported = reportedPayment(paymentIntentView(payment, terminalName));
  if (!reported) return unsent(payment);
  return payment.status === 'blocked'
    ? blocked(reported.transId, payment.failure?.message ?? '')
    : json(200, createReplyOf(reported, apiUrl));
}

/** HTTP 403: the only shape in which the id is a number, of 18 digits (protocol §4.1). */
function blocked(transId: string, message: string): GatewayReply {
  const texts = JSON.stringify({ message, blacklist_message: '' }).slice(1);
  return { httpStatus: 403, body: `{"status":"error","transID":${BigInt(transId)},${texts}` };
}

const NUMBERED = /^gateway_(\d+)$/;

/** The gateway has no transaction: it refused the payment, or nothing was sent. */
function unsent({ failure, status }: Payment): GatewayReply {
  const [, number = ''] = NUMBERED.exec(failure?.code ?? '') ?? [];
  const message = failure?.message ?? `The payment is ${status}; nothing was sent.`;
  if (findErrorNumber(number)) return structuredError(number, message);
  if (failure?.code === 'gateway_terminal_not_found') return TERMINAL_NOT_FOUND;
  if (failure?.code === 'gateway_connector_not_found')
    return json(404, { error: 'Connector not found' });
  return structuredError('400', message);
}
