// Webhooks against protocol §6.1 to §6.4: when they are sent, how, and what is in them.
import { decryptAes256 } from '@quittance/gateway-protocol';
import { generationNames, type GenerationName } from '../generation/generation.js';
import {
  keys,
  plainCard,
  RunningSandbox,
  type Fields,
} from '../testing/running-sandbox.fixture.js';
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

  it('is one POST of JSON with the Java client of the gateway', async () => {
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

  it('carries the map of the status reply, all values strings or null', async () => {
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
  it('is not sent for what the create call answers by itself, refunds, and edits of the dashboard', async () => {
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

  it('is tried once, whatever the receiver answers', async () => {
    merchant.status = 500;
    const transId = await pending();
    expect((await settle(transId, '1')).json).toMatchObject({ stored: true });
    await settle(transId, '1');
    expect(merchant.received).toHaveLength(1);
  });

  it('does not disturb the update when nobody listens', async () => {
    const transId = await pending({ webhook_url: 'http://127.0.0.1:1/nobody' });
    const { status, json } = await settle(transId, '1');
    expect([status, json['stored'], json['webhook_notify_time']]).toEqual([
      200,
      true,
      expect.any(String),
    ]);
  });

  it('is not sent for a transition that is refused, unless it is forced', async () => {
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

  it('comes by itself after an acquirer that settles later', async () => {
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

// §6.4
describe.each<GenerationName>(['doc', 'b'])(
  'an encrypted webhook of generation %s',
  (generation) => {
    beforeEach(async () => {
      await sandbox.reset(generation);
      await sandbox.script('POST', '/sandbox/acquirer', { match: {}, reply: '0' });
      merchant.clear();
    });

    async function encrypted(fields: Fields = {}): Promise<string> {
      const { json } = await sandbox.createEncrypted({
        ccno: plainCard,
        encryption_method: 'aes256',
        webhook_url: merchant.url,
        ...fields,
      });
      return String(json['transID']);
    }

    it('holds the private key in clear, the public key, and the data', async () => {
      await settle(await encrypted(), '1');
      expect(merchant.bodies).toEqual([
        {
          private_key: keys.privateKey,
          public_key: keys.publicKey,
          data: expect.stringMatching(/^[\w-]+$/),
        },
      ]);
    });

    it(`decrypts to ${generation === 'doc' ? 'a query string without escapes' : 'the JSON of a plain one'}`, async () => {
      const transId = await encrypted();
      await settle(transId, '1');
      const text = decryptAes256(String(merchant.bodies[0]?.['data']), keys);
      if (generation === 'doc') {
        expect(text).toBe(
          `bill_currency=EUR&transID=${transId}&mop=Visa&ccno=424242XXXXXX4242&reference=ORD-1001&order_status=1&bill_amt=11.11&status=Approved`,
        );
      } else {
        expect(JSON.parse(text)).toMatchObject({ transID: transId, order_status: '1', rrn: null });
      }
    });

    it.each(['none', 'AES256'])(
      'is not made for encryption_method %s',
      async (encryption_method) => {
        await settle(await encrypted({ encryption_method }), '1');
        expect(merchant.bodies).toMatchObject([{ order_status: '1' }]);
      },
    );

    it('is not sent at all when the terminal lost its keys, yet its time is noted', async () => {
      const transId = await encrypted();
      const terminal = { number: 42, public_key: keys.publicKey, merchant: 'demo' };
      await sandbox.script('POST', '/sandbox/terminals', terminal);
      const { json } = await settle(transId, '1');
      expect(json).toMatchObject({ stored: true, webhook_notify_time: expect.any(String) });
      expect(merchant.received).toEqual([]);
    });
  },
);

// §6.2, last line
describe('the manual webhook of the dashboard', () => {
  it.each<[string, object, object]>([
    ['the payment as it is', {}, { order_status: '1', reference: 'ORD-1001' }],
    ['any JSON object', { data: { a: 1 } }, { a: '1' }],
    ['anything else, wrapped', { data: 'hello' }, { data: 'hello' }],
  ])('sends %s', async (_case, fields, body) => {
    await sandbox.reset('b');
    merchant.clear();
    const transId = await sandbox.created({ ccno: plainCard, webhook_url: merchant.url });
    const answer = await sandbox.sendJson('/api/transactions/webhook/send', {
      transID: transId,
      ...fields,
    });
    expect(answer.status).toBe(200);
    expect(merchant.received).toMatchObject([
      { json: body, headers: { 'user-agent': 'PGX-Webhook-Sender/1.0' } },
    ]);
  });

  it('does not exist in the older server', async () => {
    await sandbox.reset('a');
    const transID = await sandbox.created({ webhook_url: merchant.url });
    expect((await sandbox.sendJson('/api/transactions/webhook/send', { transID })).status).toBe(
      404,
    );
  });
});
