// Covers every row of protocol §3 and every network fault. Any other reply must be `unknown`; the
// properties at the end generate such replies.
import type { Outcome, RefusalCode, UnknownReason } from '@quittance/payments';
import fc from 'fast-check';
import type { Exchange } from './exchange.js';
import { interpretReply as interpret } from './interpret-reply.js';

const interpretReply = (exchange: Exchange) => interpret(exchange, { number: 77 });
const replied = (httpStatus: number, body: unknown): Exchange => ({
  kind: 'replied',
  httpStatus,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const error = (number: string) =>
  replied(400, { error_number: number, error_message: 'Words of the gateway', status: 'Error' });
const refused = (code: RefusalCode, isConfiguration = false): Outcome => ({
  kind: 'refused',
  code,
  message: 'Words of the gateway',
  isConfiguration,
});
const misconfigured = (code: string) => ({ kind: 'refused', code, isConfiguration: true });
/** Reads `gateway_error_500` as a reason and its detail. */
const unknown = (words: string): Outcome => {
  const [, reason, detail] = /^([a-z_]+?)(?:_(\d+|timeout|econnreset))?$/.exec(words) ?? [];
  return {
    kind: 'unknown',
    reason: reason as UnknownReason,
    ...(detail !== undefined && { detail }),
  };
};

const SUCCESS = {
  transID: '100135250426141606',
  order_status: '25',
  status: 'Pending',
  bill_amt: '1.0E7',
  bill_currency: 'EUR',
  response: 'Test Transaction approved',
  reference: 'ORD-1',
  upa: 'null',
  authurl: 'https://gateway.example/api/authurl/100135250426141606',
};

describe('network faults', () => {
  it.each<[string, Exchange, Outcome]>([
    [
      'nothing sent',
      { kind: 'notSent', reason: 'econnrefused' },
      { kind: 'notSent', reason: 'econnrefused' },
    ],
    ['no reply in time', { kind: 'noReply', reason: 'timeout' }, unknown('no_reply_timeout')],
    ['connection cut', { kind: 'noReply', reason: 'econnreset' }, unknown('no_reply_econnreset')],
  ])('%s', (_, exchange, outcome) => {
    expect(interpretReply(exchange)).toEqual(outcome);
  });
});

describe('success (§3.1)', () => {
  it('reports the transaction by its code, whatever the texts say', () => {
    expect(interpretReply(replied(200, SUCCESS))).toEqual({
      kind: 'reported',
      report: {
        transId: '100135250426141606',
        state: 'testApproved',
        orderStatus: '25',
        reference: 'ORD-1',
        amount: '10000000',
        currency: 'EUR',
        response: 'Test Transaction approved',
        authUrl: 'https://gateway.example/api/authurl/100135250426141606',
        maskedCard: null,
        isOtherTerminal: false,
        unreadable: [],
      },
    });
  });

  it('reports missing fields as null', () => {
    const { transID, order_status } = SUCCESS;
    const unsaid = { maskedCard: null, isOtherTerminal: false, unreadable: [] };
    const nothing = { reference: null, amount: null, currency: null, response: null, ...unsaid };
    expect(interpretReply(replied(200, { transID, order_status }))).toEqual({
      kind: 'reported',
      report: {
        transId: transID,
        state: 'testApproved',
        orderStatus: order_status,
        ...nothing,
        authUrl: null,
      },
    });
  });

  it('reports an unlisted status code as unknown', () => {
    const outcome = interpretReply(replied(200, { ...SUCCESS, order_status: '77' }));
    expect(outcome).toMatchObject({
      kind: 'reported',
      report: { orderStatus: '77', state: 'unknown' },
    });
  });
});

describe('structured errors (§3.2)', () => {
  it.each<[string, Outcome]>([
    ['1111', refused('1111')],
    ['1112', refused('1112')],
    ['1113', refused('1113')],
    ['5001', refused('5001', true)],
    ['5002', refused('5002')],
    ['5003', refused('5003')],
    ['5005', refused('5005')],
    ['5007', refused('5007')],
    ['5008', refused('5008')],
    ['5012', { kind: 'alreadyKnown', code: '5012' }],
    ['5015', refused('5015', true)],
    ['500', unknown('gateway_error_500')],
    ['400', unknown('gateway_error_400')],
    ['9999', unknown('gateway_error_9999')],
  ])('%s', (number, outcome) => {
    expect(interpretReply(error(number))).toEqual(outcome);
  });

  it('masks a card number that the gateway echoes in the message', () => {
    const body = { error_number: '1113', error_message: 'Card 4012000033330027 is wrong' };
    expect(interpretReply(replied(400, body))).toMatchObject({
      kind: 'refused',
      message: 'Card [digits] is wrong',
    });
  });
});

describe('unstructured errors (§3.3)', () => {
  const blocked = '{"status":"error","transID":100135250426141606,"message":"Blocked"}';
  it.each<[string, Exchange, object]>([
    [
      'unknown public key',
      replied(404, { error: 'Terminal not found' }),
      misconfigured('terminal_not_found'),
    ],
    [
      'no acquirer row',
      replied(404, { error: 'Connector not found' }),
      misconfigured('connector_not_found'),
    ],
    [
      'no acquirer class, after the row was saved',
      replied(404, { status: 'error', message: 'Connector not found: 100', error: 'x' }),
      unknown('connector_not_found_after_save'),
    ],
    [
      'public_key absent',
      replied(400, { error: 'Invalid connector_id format' }),
      unknown('unlisted_error_400'),
    ],
    [
      'conversion failed',
      replied(400, { error: 'Error in conversion result: 7' }),
      unknown('unlisted_error_400'),
    ],
    [
      'block list unreadable',
      replied(400, { error: 'Error parsing blacklist: x' }),
      unknown('unlisted_error_400'),
    ],
    [
      'blocked, with its transID exact beyond 2^53',
      replied(403, blocked),
      { kind: 'blocked', code: '403', transId: '100135250426141606', message: 'Blocked' },
    ],
    [
      'terminal step threw',
      replied(500, { status: 'error', message: 'Error Invalid public_key format', error: 'x' }),
      unknown('gateway_server_error'),
    ],
    [
      'acquirer threw after the row was saved',
      replied(500, { status: 'error', message: 'Error processing connector', error: 'x' }),
      unknown('gateway_server_error'),
    ],
  ])('%s', (_, exchange, outcome) => {
    expect(interpretReply(exchange)).toMatchObject(outcome);
  });
});

describe('a reply that the protocol does not list', () => {
  const page = '<html>Bad gateway</html>';
  it.each<[string, Exchange, string]>([
    ['an empty 200', replied(200, ''), 'unreadable_reply_200'],
    ['a 200 of {}', replied(200, {}), 'unreadable_reply_200'],
    ['a truncated 200', replied(200, JSON.stringify(SUCCESS).slice(0, 60)), 'unreadable_reply_200'],
    ['a list', replied(200, '[]'), 'unreadable_reply_200'],
    [
      'a 200 without a transID',
      replied(200, { ...SUCCESS, transID: null }),
      'unreadable_reply_200',
    ],
    [
      'a 200 with a worded status',
      replied(200, { ...SUCCESS, order_status: 'OK' }),
      'unreadable_reply_200',
    ],
    [
      'an error number with HTTP 200',
      replied(200, { error_number: '1111' }),
      'unreadable_reply_200',
    ],
    [
      'an error number with HTTP 422',
      replied(422, { error_number: '1111' }),
      'unreadable_reply_422',
    ],
    [
      'an error number with HTTP 500',
      replied(500, { error_number: '1111' }),
      'unreadable_reply_500',
    ],
    [
      'an error number as words',
      replied(400, { error_number: 'E1111', error_message: 'x' }),
      'unreadable_reply_400',
    ],
    ['a transaction with HTTP 201', replied(201, SUCCESS), 'unreadable_reply_201'],
    ['a redirect', replied(302, ''), 'unreadable_reply_302'],
    ['a proxy’s 403', replied(403, page), 'unreadable_reply_403'],
    [
      'a 403 without a transID',
      replied(403, { status: 'error', message: 'no' }),
      'unlisted_error_403',
    ],
    ['a proxy’s 404', replied(404, page), 'unreadable_reply_404'],
    ['another 404', replied(404, { error: 'Not found' }), 'unlisted_error_404'],
    [
      'a 404 with an additional field',
      replied(404, { error: 'Terminal not found', transID: '1' }),
      'unlisted_error_404',
    ],
    ['a proxy’s 502', replied(502, page), 'unreadable_reply_502'],
    ['a 503 of JSON', replied(503, { message: 'later' }), 'unreadable_reply_503'],
  ])('%s leaves the payment in doubt', (_, exchange, reason) => {
    expect(interpretReply(exchange)).toEqual(unknown(reason));
  });
});

const REFUSING = ['1111', '1112', '1113', '5001', '5002', '5003', '5005', '5007', '5008', '5015'];
const NOT_FOUND = ['Terminal not found', 'Connector not found'];

/** True when the reply has one of the shapes after which, by the protocol, nothing was stored. */
function isListedRefusal(httpStatus: number, fields: Record<string, unknown>): boolean {
  if (httpStatus === 400) return REFUSING.includes(String(fields['error_number']));
  const said = Object.entries(fields).filter(
    ([, value]) => value !== '' && value !== null && value !== 'null',
  );
  const [[name, value] = []] = said;
  const isAlone = said.length === 1 && name === 'error';
  return httpStatus === 404 && isAlone && NOT_FOUND.includes(String(value));
}

const word = fc.constantFrom(...REFUSING, '500', '5012', '5013', '', ...NOT_FOUND, 'error', 'null');
const anyFields = fc.dictionary(
  fc.constantFrom('error_number', 'error', 'message', 'status', 'transID', 'order_status', 'x'),
  fc.oneof(word, fc.string(), fc.integer(), fc.constant(null)),
);
const anyStatus = fc.oneof(
  fc.constantFrom(200, 301, 400, 403, 404, 500, 502),
  fc.integer({ min: 100, max: 599 }),
);

describe('the default', () => {
  it('is never a refusal unless the reply is one of the listed shapes', () => {
    const property = fc.property(anyStatus, anyFields, (httpStatus, fields) => {
      const { kind } = interpretReply(replied(httpStatus, fields));
      if (kind === 'refused') expect(isListedRefusal(httpStatus, fields)).toBe(true);
      expect(kind).not.toBe('notSent');
    });
    fc.assert(property, { numRuns: 2000 });
  });

  it('is `unknown` for any text that is not a JSON object, under any HTTP status', () => {
    const text = fc.string().filter((candidate) => !candidate.trimStart().startsWith('{'));
    const property = fc.property(anyStatus, text, (httpStatus, body) => {
      expect(interpretReply(replied(httpStatus, body)).kind).toBe('unknown');
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it('is `unknown` for any fault after a byte has left', () => {
    const property = fc.property(fc.string(), (reason) => {
      expect(interpretReply({ kind: 'noReply', reason }).kind).toBe('unknown');
    });
    fc.assert(property);
  });
});
