// Covers every reply of protocol §8, and replies that it does not list. Only errors that the
// gateway detects before it acts are refusals.
import { fullReason, type RefundOutcome } from '@quittance/payments';
import type { Exchange } from './exchange.js';
import { interpretRefundReply as interpret } from './interpret-reply.js';

const interpretRefundReply = (exchange: Exchange) => interpret(exchange, { number: 77 });
const TRANS_ID = '100135250426141606';
const already = 'Transaction is already in Refund Request Processed';
const notAuthorised = 'Refund is not authorised because this is not a successful transaction';
const body = (fields: Record<string, unknown>) =>
  JSON.stringify({ transID: TRANS_ID, bill_amt: '11.11', reference: 'ORD-1001', ...fields });

type Row = [what: string, httpStatus: number, body: string, outcome: string];
const ROWS: readonly Row[] = [
  ['accepted, new text', 200, body({ order_status: '8' }), 'accepted'],
  [
    'accepted, as published',
    200,
    body({ order_status: '8', message: 'Request Processed' }),
    'accepted',
  ],
  [
    '8 with a refusal inside',
    200,
    body({ order_status: '8', message: already }),
    'alreadyRequested',
  ],
  [
    '7 with a refusal inside',
    200,
    body({ order_status: '7', message: already }),
    'alreadyRequested',
  ],
  [
    'a test approval',
    200,
    body({ order_status: '25', message: notAuthorised }),
    'refused not_approved',
  ],
  ['a decline', 200, body({ order_status: '2', message: notAuthorised }), 'refused not_approved'],
  [
    '1 with a refusal inside',
    200,
    body({ order_status: '1', message: 'Try later' }),
    'unknown unreadable_reply_200',
  ],
  ['1 without a message', 200, body({ order_status: '1' }), 'unknown unreadable_reply_200'],
  ['7 without a message', 200, body({ order_status: '7' }), 'unknown unreadable_reply_200'],
  ['raw text', 200, 'Request Processed', 'unknown unreadable_reply_200'],
  ['an empty body', 200, '', 'unknown unreadable_reply_200'],
  ['an empty object', 200, '{}', 'unknown unreadable_reply_200'],
  ['a page', 200, '<html>', 'unknown unreadable_reply_200'],
  ['a redirect', 302, '', 'unknown unreadable_reply_302'],
  ['a bad number', 400, 'Invalid number format in request', 'refused rejected'],
  [
    'an amount too large',
    400,
    'Refund amount must not exceed the transaction amount',
    'refused rejected',
  ],
  ['a refusal in JSON', 400, '{"error_number":"500"}', 'unknown unreadable_reply_400'],
  ['an empty refusal', 400, '', 'unknown unreadable_reply_400'],
  ['a 403', 403, 'Forbidden', 'unknown unreadable_reply_403'],
  ['an unknown transaction', 404, '', 'refused transaction_not_found'],
  ['a web server’s 404', 404, '<html>Not Found', 'unknown unreadable_reply_404'],
  ['raw text with 500', 500, 'Error processing refund request', 'unknown gateway_server_error_500'],
  ['an empty body with 500', 500, '', 'unknown gateway_server_error_500'],
  ['a proxy’s page', 502, '<html>', 'unknown gateway_server_error_502'],
];

function wordOf(outcome: RefundOutcome): string {
  if (outcome.kind === 'refused') return `refused ${outcome.code}`;
  return 'reason' in outcome ? `${outcome.kind} ${fullReason(outcome)}` : outcome.kind;
}

describe('the reply to a refund request', () => {
  it.each(ROWS)('%s (%i %s) is %s', (_what, httpStatus, text, outcome) => {
    expect(wordOf(interpretRefundReply({ kind: 'replied', httpStatus, body: text }))).toBe(outcome);
  });

  it('that accepts contains the gateway’s report of the payment', () => {
    const reply = { kind: 'replied', httpStatus: 200, body: body({ order_status: '8' }) } as const;
    expect(interpretRefundReply(reply)).toMatchObject({
      report: { transId: TRANS_ID, orderStatus: '8', reference: 'ORD-1001' },
    });
  });

  it('that is missing leaves doubt, unless the request never left', () => {
    expect(interpretRefundReply({ kind: 'noReply', reason: 'timeout' })).toEqual({
      kind: 'unknown',
      reason: 'no_reply',
      detail: 'timeout',
    });
    expect(interpretRefundReply({ kind: 'notSent', reason: 'econnrefused' })).toEqual({
      kind: 'notSent',
      reason: 'econnrefused',
    });
  });
});
