// Goal: encrypted webhooks follow protocol §6.4, and the dashboard's manual webhook follows §6.2.
import { decryptAes256 } from '@quittance/gateway-protocol';
import { type GenerationName } from '../generation/generation.js';
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

    it('contains the private key in clear, the public key, and the data', async () => {
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
      'is not used for encryption_method %s',
      async (encryption_method) => {
        await settle(await encrypted({ encryption_method }), '1');
        expect(merchant.bodies).toMatchObject([{ order_status: '1' }]);
      },
    );

    it('is not sent when the terminal has lost its keys, although its time is recorded', async () => {
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
