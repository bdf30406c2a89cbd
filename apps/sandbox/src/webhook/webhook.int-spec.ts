// Goal: webhooks follow protocol §6.1 to §6.3: their occasions, their transport and their content.
import { generationNames } from '../generation/generation.js';
import { plainCard, RunningSandbox, type Fields } from '../testing/running-sandbox.fixture.js';
import { WebhookReceiver } from '../testing/webhook-receiver.fixture.js';

let sandbox: RunningSandbox;
let merchant: WebhookReceiver;
beforeAll(async () => {
  sandbox = await RunningSandbox.start();
  merchant = await WebhookReceiver.start();
});
afterAll(async () => {
  await sandbox.stop();
  await merchant.stop();
});

function settle(
  transId: string,
  orderStatus: string,
  more: Fields = {},
): ReturnType<RunningSandbox['sendJson']> {
  return sandbox.sendJson('/sandbox/settle', {
    transID: transId,
    order_status: orderStatus,
    ...more,
  });
}

async function pending(fields: Fields = {}): Promise<string> {
  return sandbox.created({ mop: 'WALLET', ccno: plainCard, webhook_url: merchant.url, ...fields });
}

describe.each(generationNames)('a webhook of generation %s', (generation) => {
  beforeEach(async () => {
    await sandbox.reset(generation);
    merchant.clear();
  });

  it('is one POST of JSON from the gateway’s Java client', async () => {
    await settle(await pending(), '1');
    expect(merchant.received).toHaveLength(1);
    expect(merchant.received[0]).toMatchObject({
      method: 'POST',
      path: '/callback',
      headers: {
        'content-type': 'application/json',
        'user-agent': expect.stringMatching(/^Java\//),
      },
    });
  });

  it('contains the map of the status reply, all values strings or null', async () => {
    const transId = await pending();
    await settle(transId, '1');
    const body = merchant.bodies[0] ?? {};
    expect(body).toEqual({
      transID: transId,
      order_status: '1',
      status: 'Approved',
      bill_amt: '11.11',
      tdate: expect.any(String),
      bill_currency: 'EUR',
      response: 'Payment successful',
      reference: 'ORD-1001',
      mop: generation === 'b' ? 'WALLET' : 'Visa',
      descriptor: null,
      upa: null,
      rrn: null,
      ccno: generation === 'b' ? '4242' : '424242XXXXXX4242',
      connector_status_code: '1',
      webhook_notify_time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.000\d{3}$/),
    });
  });

  // §6.1: none of these.
  it('is not sent for the result of a create call, for refunds, or for edits in the dashboard', async () => {
    for (const ccno of [
      '4111111111111111',
      '4012000033330026',
      '4043409999991437',
      plainCard,
      '4000000000000002',
    ]) {
      await sandbox.create({ ccno, webhook_url: merchant.url });
    }
    await sandbox.create({ bill_email: 'blocked@example.com', webhook_url: merchant.url });
    const transId = await sandbox.createdAs(1, { webhook_url: merchant.url });
    await sandbox.sendJson('/api/transactions/refund-request', {
      transID: transId,
      refundAmount: 1,
    });
    await sandbox.sendJson('/api/transactions/refund-accept', { transID: transId });
    await settle(await pending(), '1');
    expect(merchant.bodies.map((body) => body['response'])).toEqual(['Payment successful']);
  });

  it('is attempted once, whatever the receiver’s response', async () => {
    merchant.status = 500;
    const transId = await pending();
    expect((await settle(transId, '1')).json).toMatchObject({ stored: true });
    await settle(transId, '1');
    expect(merchant.received).toHaveLength(1);
  });

  it('does not affect the update when the receiver is down', async () => {
    const transId = await pending({ webhook_url: 'http://127.0.0.1:1/down' });
    const { status, json } = await settle(transId, '1');
    expect([status, json['stored'], json['webhook_notify_time']]).toEqual([
      200,
      true,
      expect.any(String),
    ]);
  });

  it('is not sent for a rejected transition, unless it is forced', async () => {
    const transId = await sandbox.created({ ccno: plainCard, webhook_url: merchant.url });
    expect((await settle(transId, '2')).json).toMatchObject({
      order_status: '2',
      stored: false,
      stored_order_status: '1',
    });
    expect(merchant.received).toEqual([]);
    expect((await settle(transId, '24', { force: true })).json).toMatchObject({
      stored: true,
      stored_order_status: '24',
    });
    expect(merchant.bodies).toMatchObject([{ order_status: '24' }]);
  });

  it('is sent when an acquirer settles later', async () => {
    await sandbox.script('POST', '/sandbox/acquirer', {
      match: { reference_prefix: 'LATER-' },
      reply: '0',
      settle: { order_status: '1', after_ms: 5 },
      times: 1,
    });
    const fields = { ccno: plainCard, webhook_url: merchant.url };
    const { json } = await sandbox.create({ ...fields, reference: 'LATER-1' });
    expect(json['order_status']).toBe('0');
    await merchant.count(1);
    expect(merchant.bodies).toMatchObject([{ order_status: '1', reference: 'LATER-1' }]);
    expect((await sandbox.create({ ...fields, reference: 'LATER-2' })).json['order_status']).toBe(
      '1',
    );
  });

  it('of a simple payment with encryption_method=aes256 is encrypted where encryption exists', async () => {
    await settle(await pending({ encryption_method: 'aes256' }), '1');
    expect(Object.keys(merchant.bodies[0] ?? {}).includes('data')).toBe(generation !== 'a');
  });
});
