// Goal: what judges callbacks finds what it is meant to find, and spares the payments only what anybody would have to believe. Method:
// tables, one thing changed a row.
import { isAsGoodAsReal } from './belief.mjs';
import { moveProblems } from './ends.mjs';
import { keptProblems } from './kept.mjs';
import { callbackProblems } from './send-callbacks.mjs';
import { encrypt, envelope } from './wire.mjs';

describe('the answer to a callback', () => {
  const right = { isRight: true, isTooLarge: false };
  const taken = { status: 200, text: '{"received":true}' };

  it.each([
    ['received', right, taken],
    ['too large', { isRight: true, isTooLarge: true }, { status: 413 }],
    ['too large, and cut off', { isRight: true, isTooLarge: true }, { error: 'ECONNRESET' }],
    ['an address that is none', { isRight: false, isTooLarge: false }, { status: 414 }],
  ])('is fine: %s', (_, callback, answer) =>
    expect(callbackProblems(callback, answer)).toEqual([]),
  );

  it.each([
    ['a fault of ours', right, { status: 500, text: '' }],
    ['one that is away', right, { status: 503, text: '' }],
    ['other words', right, { status: 200, text: '{"received":true,"verdict":"parked"}' }],
    ['a refusal that tells a right token', right, { status: 404, text: '' }],
    ['a lost one', right, { status: 415, text: '' }],
    ['a hang', right, { error: 'UND_ERR_HEADERS_TIMEOUT' }],
    ['a crash', right, { error: 'ECONNRESET' }],
    ['a large one that was taken', { isRight: true, isTooLarge: true }, taken],
  ])('is wrong: %s', (_, callback, answer) =>
    expect(callbackProblems(callback, answer)).toHaveLength(1),
  );
});

describe('the moves of a payment', () => {
  it.each([
    ['0', ['queued', 'submitting', 'requires_action'], 0],
    ['1', ['queued', 'submitting', 'requires_action', 'succeeded'], 0],
    ['0', ['queued', 'submitting', 'requires_action', 'succeeded'], 2],
    ['1', ['queued', 'submitting', 'requires_action', 'declined'], 2],
    ['1', ['queued', 'submitting', 'requires_action', 'declined', 'succeeded'], 1],
    ['2', ['queued', 'submitting', 'requires_action'], 1],
    ['22', ['queued', 'submitting', 'in_doubt', 'expired'], 1],
  ])('when the gateway says %s: %j', (code, statuses, found) => {
    expect(moveProblems(code, statuses)).toHaveLength(found);
  });
});

it('misses callbacks that were told received, and finds those that nobody may have sent', () => {
  const [one, none] = [new Set(['pi_1 aa']), new Set<string>()];
  expect(keptProblems(one, one)).toEqual([]);
  expect(keptProblems(none, one)).toHaveLength(1);
  expect(keptProblems(one, none)).toHaveLength(1);
});

describe('a callback as good as real', () => {
  const terminal = { publicKey: 'cHVibGlj', privateKey: 'p'.repeat(43) };
  const transId = '100135250426141606';
  const subject = {
    terminal,
    transId,
    reference: 'R-1',
    amount: '11.50',
    currency: 'EUR',
    code: '0',
  };
  const fields = (change: object) =>
    JSON.stringify({
      transID: transId,
      order_status: '2',
      bill_amt: '11.5',
      bill_currency: 'EUR',
      reference: 'R-1',
      ...change,
    });
  const encrypted = (text: string) => envelope(encrypt(text, terminal), terminal);
  const form = (text: string) =>
    new URLSearchParams(Object.entries(JSON.parse(text) as Record<string, string>)).toString();

  it.each<[string, string, boolean]>([
    ['plain', fields({}), true],
    ['a form', form(fields({})), true],
    ['with a bare number', fields({}).replace(`"${transId}"`, transId), true],
    ['encrypted', encrypted(fields({ order_status: '1' })), true],
    ['an encrypted query', encrypted(form(fields({}))), true],
    ['without an amount', fields({ bill_amt: undefined }), true],
    ['a plain success, which is asked about', fields({ order_status: '1' }), false],
    ['what the gateway says anyway', fields({ order_status: '0' }), false],
    ['another amount', fields({ bill_amt: '11.51' }), false],
    ['another payment', fields({ transID: '1' }), false],
    [
      'under another key',
      envelope(encrypt(fields({}), { ...terminal, privateKey: 'x'.repeat(43) }), terminal),
      false,
    ],
    ['nonsense', '{"', false],
  ])('%s', (_, body, expected) => {
    expect(isAsGoodAsReal(Buffer.from(body), subject)).toBe(expected);
  });
});
