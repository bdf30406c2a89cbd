import { decodeCallback, type GatewayTransaction } from '@quittance/gateway-protocol';
import { isAbout, onCallback, onFailure, onReply } from './interpretation.js';

const payment = {
  status: 'submitting',
  reference: 's0-1',
  amount: '130.00',
  currency: 'EUR',
  trans_id: null,
};
const fields = {
  transID: '100135250426141606',
  order_status: '1',
  reference: 's0-1',
  bill_amt: '130.0',
  bill_currency: 'EUR',
};

/** A transaction as the gateway reports it, with some fields changed. */
function transactionWith(changed: object): GatewayTransaction {
  const callback = decodeCallback(undefined, JSON.stringify({ ...fields, ...changed }), undefined);
  if (callback.kind !== 'callback') throw new Error(`unreadable: ${JSON.stringify(changed)}`);
  return callback.transaction;
}

describe('a reply to the create call', () => {
  it.each([
    [{ order_status: '0', authurl: 'https://bank.example/3ds' }, 'requires_action'],
    [{ order_status: '0' }, 'processing'],
    [{ order_status: '1' }, 'succeeded'],
    [{ order_status: '2' }, 'declined'],
    [{ order_status: '77' }, 'in_doubt'],
    [{ reference: 'another' }, 'in_doubt'],
    [{ bill_amt: '130.01' }, 'in_doubt'],
    [{ transID: 'none' }, 'in_doubt'],
  ])('that says %j makes it %s', (changed, status) => {
    const reply = { httpStatus: 200, body: JSON.stringify({ ...fields, ...changed }) };
    expect(onReply(payment, reply).status).toBe(status);
  });

  it.each([
    ['an error', { httpStatus: 500, body: JSON.stringify(fields) }],
    ['nothing readable', { httpStatus: 200, body: '<html>' }],
  ])('with %s leaves it in doubt, with the reason', (_, reply) => {
    expect(onReply(payment, reply)).toEqual({
      status: 'in_doubt',
      doubt_reason: expect.any(String),
    });
  });
});

describe('a call without a reply', () => {
  it('goes back to the queue with its card where no connection stood', () => {
    const changes = { status: 'queued', sealed_card: 'sealed' };
    expect(onFailure({ code: 'ECONNREFUSED' }, 'sealed')).toEqual(changes);
  });

  it.each(['ECONNRESET', 'UND_ERR_HEADERS_TIMEOUT', undefined])(
    'leaves it in doubt, without its card, after %s',
    (code) => {
      const changes = { status: 'in_doubt', doubt_reason: 'no_reply' };
      expect(onFailure({ ...(code && { code }) }, 'sealed')).toEqual(changes);
    },
  );
});

describe('a callback', () => {
  it.each([
    ['as it was sent', {}, true],
    ['with the other spelling of the amount', { bill_amt: '130.00' }, true],
    ['with another amount', { bill_amt: '130.01' }, false],
    ['with no amount', { bill_amt: undefined }, false],
    ['in another currency', { bill_currency: 'USD' }, false],
    ['for another reference', { reference: 's0-2' }, false],
  ])('%s: is it about the payment? %#', (_, changed, isIt) => {
    expect(isAbout(payment, transactionWith(changed))).toBe(isIt);
  });

  it('is not about another transaction than the reply named', () => {
    expect(isAbout({ ...payment, trans_id: '7' }, transactionWith({}))).toBe(false);
  });

  it.each([
    ['submitting', '1', 'succeeded'],
    ['requires_action', '2', 'declined'],
    ['in_doubt', '1', 'succeeded'],
    ['processing', '0', undefined],
    ['succeeded', '1', undefined],
    ['succeeded', '2', undefined],
    ['queued', '1', undefined],
  ])('moves a payment that is %s, fields %s, to %s', (status, code, next) => {
    const changes = onCallback(status, transactionWith({ order_status: code }));
    expect(changes?.status).toBe(next);
  });
});
