// Goal: the create call follows protocol §1 and §10: the accepted input, its forms, and the
// acquirer's answer.
import { generationNames } from '../generation/generation.js';
import {
  aPayment,
  formOf,
  plainCard,
  RunningSandbox,
  siblingKeys,
  without,
  type Fields,
} from '../testing/running-sandbox.fixture.js';

let sandbox: RunningSandbox;
beforeAll(async () => (sandbox = await RunningSandbox.start()));
afterAll(() => sandbox.stop());

async function rows(reference = 'ORD-1001'): Promise<string[]> {
  return (await sandbox.ledger(reference)).data.map((row) => row.order_status);
}

describe.each(generationNames)('a create call in generation %s', (generation) => {
  beforeEach(() => sandbox.reset(generation));

  // §10, §3.1: code and engine text; no webhook, no acquirer.
  it.each([
    ['4111111111111111', '27'],
    ['4012000033330026', '25'],
    ['4043409999991437', '26'],
    ['4029939999997636', '9'],
    ['5111111111111111', '27'],
    ['35000000000000', '27'],
  ])('with test card %s returns %s', async (ccno, code) => {
    const { status, json } = await sandbox.create({ ccno });
    // The reference pages show 0 while the payer's confirmation is awaited.
    const shown = generation === 'doc' && code === '27' ? '0' : code;
    expect([status, json['order_status']]).toEqual([200, shown]);
    expect(json['status']).toBe(code === '9' ? 'Test' : 'Pending');
    expect(json['response']).toMatch(shown === '0' ? /^Payment is pending$/ : /^Test Transaction/);
    expect(await rows()).toEqual([code]);
  });

  // The acquirer answers every other card and every other method.
  it.each<[string, Fields, string, string]>([
    ['a card', { ccno: plainCard }, '1', 'Approved'],
    ['a debit card', { ccno: plainCard, mop: 'DC' }, '1', 'Approved'],
    ['a card that ends in 0002', { ccno: '4000000000000002' }, '2', 'Declined'],
    ['the card of the reference page', { ccno: '5438890000000229' }, '0', 'Pending'],
    ['a wallet', { mop: 'WALLET' }, '0', 'Pending'],
    ['a bank', { mop: 'NB' }, '0', 'Pending'],
    ['a QR code', { mop: 'QRINTENT' }, '0', 'Pending'],
  ])('with %s returns the acquirer’s answer', async (_case, fields, code, text) => {
    const { json } = await sandbox.sendJson('/api/s2s', {
      ...without(aPayment, 'ccno'),
      ...fields,
    });
    expect(json).toMatchObject({ order_status: code, status: text });
  });

  // §1.2: accepted although they look invalid.
  it.each(['11.10', ' 5 ', '1e3', '130', 'NaN'])('accepts the amount %j', async (bill_amt) => {
    expect((await sandbox.create({ bill_amt })).status).toBe(200);
  });

  it.each([
    ['120.00', '120.0'],
    ['11.10', '11.1'],
    [130, '130.0'],
    ['10000000', '1.0E7'],
    ['0.0005', '5.0E-4'],
  ])('writes the amount %j as %j', async (bill_amt, text) => {
    expect((await sandbox.create({ bill_amt })).json['bill_amt']).toBe(text);
  });

  it('needs no currency and no product without a card', async () => {
    const fields = without(aPayment, 'bill_currency', 'product_name', 'ccno');
    expect((await sandbox.sendJson('/api/s2s', fields)).json).toMatchObject({
      bill_currency: null,
      order_status: '0',
    });
  });

  it('accepts a card with spaces and dashes', async () => {
    expect((await sandbox.create({ ccno: '4012-0000 3333 0026' })).json['order_status']).toBe('25');
  });

  it('reads a form, with and without its content type', async () => {
    expect((await sandbox.sendForm('/api/s2s', aPayment)).json['order_status']).toBe('25');
    const body = formOf(aPayment);
    const init = { headers: { 'content-type': 'text/plain' }, body: body.toString() };
    expect((await sandbox.ask('POST', '/api/s2s', init)).json['order_status']).toBe('25');
  });

  it('does not find the terminal of a form whose key is not %-encoded', async () => {
    const init = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    const body = `public_key=${siblingKeys.publicKey}&bill_amt=1`;
    expect((await sandbox.ask('POST', '/api/s2s', { ...init, body })).json).toEqual({
      error: 'Terminal not found',
    });
  });

  it('accepts a GET with its parameters in the query, and repairs the raw public key', async () => {
    const query = new URLSearchParams({ bill_amt: '1', reference: 'ORD-1001', mop: 'WALLET' });
    const answer = await sandbox.get(
      `/api/s2s?${query.toString()}&public_key=${siblingKeys.publicKey}`,
    );
    expect(answer.json['order_status']).toBe('0');
  });

  it('counts all received requests, and separately those that could charge', async () => {
    await sandbox.create({ bill_amt: '0' });
    await sandbox.create();
    await sandbox.sendJson('/api/s2s', without(aPayment, 'bill_amt'));
    const { data, received } = await sandbox.ledger('ORD-1001');
    expect(received.map((request) => request.could_charge)).toEqual([true, true, false]);
    expect(data).toMatchObject([{ requests: 2, charged: true }]);
  });
});
