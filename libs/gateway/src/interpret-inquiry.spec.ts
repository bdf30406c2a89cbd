// Covers every answer of protocol §5.1 and §11. Only the documented "not found" is an absence;
// anything unclear is no answer.
import type { InquiryAnswer } from '@quittance/payments';
import fc from 'fast-check';
import type { Exchange } from './exchange.js';
import { interpretProbe, interpretStatus as interpret } from './interpret-reply.js';

const interpretStatus = (exchange: Exchange) => interpret(exchange, { number: 77 });
const replied = (httpStatus: number, body: unknown): Exchange => ({
  kind: 'replied',
  httpStatus,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const unanswered = (reason: string): InquiryAnswer => ({ kind: 'unanswered', reason });
const error = (number: string) => ({
  error_number: number,
  error_message: 'Words of the gateway',
  status: 'Error',
});

const faults: [string, Exchange, InquiryAnswer][] = [
  ['a refused connection', { kind: 'notSent', reason: 'econnrefused' }, unanswered('econnrefused')],
  ['a timeout', { kind: 'noReply', reason: 'timeout' }, unanswered('timeout')],
];

describe('a look-up (§5.1)', () => {
  it('reports the gateway’s transaction', () => {
    const body = {
      transID: '100135250426141606',
      order_status: '8',
      status: 'Request Processed',
      bill_amt: '130.0',
      bill_currency: 'EUR',
      reference: 'ORD-1',
      descriptor: null,
      authurl: 'https://gateway.example/api/authurl/auth_3ds/1',
    };
    expect(interpretStatus(replied(200, body))).toEqual({
      kind: 'reported',
      report: {
        transId: '100135250426141606',
        state: 'refundPending',
        orderStatus: '8',
        reference: 'ORD-1',
        amount: '130',
        currency: 'EUR',
        response: null,
        authUrl: 'https://gateway.example/api/authurl/auth_3ds/1',
        maskedCard: null,
        isOtherTerminal: false,
        unreadable: [],
      },
    });
  });

  it.each<[string, Exchange, InquiryAnswer]>([
    ...faults,
    ['{} for an unknown id', replied(200, {}), { kind: 'notFound' }],
    [
      'Transaction not found',
      replied(404, { error: 'Transaction not found' }),
      { kind: 'notFound' },
    ],
    [
      'S2S status response not found',
      replied(404, { error: 'S2S status response not found' }),
      { kind: 'notFound' },
    ],
    ['an id that is not a number', replied(404, error('400')), unanswered('gateway_error_400')],
    ['the same with HTTP 200', replied(200, error('400')), unanswered('gateway_error_400')],
    [
      'an exception',
      replied(500, { error: 'Internal server error in …', message: 'x' }),
      unanswered('gateway_error_500'),
    ],
    ['a proxy’s page', replied(502, '<html>'), unanswered('unreadable_answer_502')],
    ['another 404', replied(404, { error: 'Not found' }), unanswered('unreadable_answer_404')],
    ['a proxy’s 404', replied(404, '<html>'), unanswered('unreadable_answer_404')],
    ['a 404 of {}', replied(404, {}), unanswered('unreadable_answer_404')],
    ['an empty body', replied(200, ''), unanswered('unreadable_answer_200')],
    ['a list', replied(200, '[]'), unanswered('unreadable_answer_200')],
    [
      'a transaction without a transID',
      replied(200, { order_status: '1' }),
      unanswered('unreadable_answer_200'),
    ],
    ['a redirect', replied(307, ''), unanswered('unreadable_answer_307')],
  ])('%s', (_, exchange, answer) => {
    expect(interpretStatus(exchange)).toEqual(answer);
  });
});

describe('the existence probe (§11)', () => {
  it.each<[string, Exchange, InquiryAnswer]>([
    ...faults,
    ['1111: the uniqueness check passed', replied(400, error('1111')), { kind: 'notFound' }],
    ['5012: it exists', replied(400, error('5012')), { kind: 'existsWithoutDetails' }],
    ['another error number', replied(400, error('5015')), unanswered('gateway_error_5015')],
    ['the catch-all', replied(400, error('500')), unanswered('gateway_error_500')],
    [
      'two rows with the reference (§11)',
      replied(500, { status: 'error', message: 'Error Invalid public_key format', error: 'x' }),
      unanswered('unreadable_answer_500'),
    ],
    [
      'an unknown terminal',
      replied(404, { error: 'Terminal not found' }),
      unanswered('unreadable_answer_404'),
    ],
    [
      '1111 under another HTTP status',
      replied(200, error('1111')),
      unanswered('unreadable_answer_200'),
    ],
    [
      'a transaction, which cannot be the reply',
      replied(200, { transID: '1', order_status: '1' }),
      unanswered('unreadable_answer_200'),
    ],
    ['a proxy’s page', replied(502, '<html>'), unanswered('unreadable_answer_502')],
  ])('%s', (_, exchange, answer) => {
    expect(interpretProbe(exchange)).toEqual(answer);
  });
});

describe('absence', () => {
  const statuses = fc.integer({ min: 100, max: 599 });
  const values = fc.oneof(fc.string(), fc.constantFrom('400', '500', '5012', 'Not found'));
  const bodies = fc.oneof(
    fc.string(),
    fc
      .dictionary(fc.constantFrom('error', 'error_number', 'message', 'x'), values, { minKeys: 1 })
      .map((fields) => JSON.stringify(fields)),
  );

  it('is never inferred from an answer that does not state it', () => {
    const property = fc.property(statuses, bodies, (httpStatus, body) => {
      fc.pre(body.trim() !== '{}' && !body.includes('1111') && !/not found/.test(body));
      expect(interpretStatus(replied(httpStatus, body)).kind).toBe('unanswered');
      expect(interpretProbe(replied(httpStatus, body)).kind).not.toBe('notFound');
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
