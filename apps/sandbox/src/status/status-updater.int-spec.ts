// Goal: the updating status endpoints follow protocol §5.2 and §5.3: their replies and their
// changes.
import { generationNames, type GenerationName } from '../generation/generation.js';
import {
  aPayment,
  plainCard,
  RunningSandbox,
  without,
  type Fields,
} from '../testing/running-sandbox.fixture.js';
import { WebhookReceiver } from '../testing/webhook-receiver.fixture.js';

const unknownId = '100000000000000001';

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

async function wallet(fields: Fields = {}): Promise<string> {
  return sandbox.created({ mop: 'WALLET', ccno: plainCard, webhook_url: merchant.url, ...fields });
}
/** Sends the acquirer's callback to the gateway, which sets its code and updates at once. */
async function acquirerSays(transId: string, code: number): Promise<void> {
  const path = `/api/status/webhook/100`;
  await sandbox.sendForm(path, { transID: transId, order_status: code });
}

describe.each(generationNames)('in generation %s', (generation) => {
  beforeEach(async () => {
    await sandbox.reset(generation);
    merchant.clear();
  });

  // §5.2
  describe('an updating endpoint', () => {
    it.each<[string, string, string, number, Fields]>([
      [
        'the redirecting one',
        'GET',
        '/api/status/transid/',
        404,
        { error: 'Transaction not found' },
      ],
      [
        'the JSON one',
        'POST',
        '/api/status/s2s/transid/',
        404,
        { error: 'S2S status response not found' },
      ],
      [
        'the admin one',
        'GET',
        '/api/status/s2s/admin/',
        404,
        { error: 'S2S status response not found', transID: unknownId },
      ],
    ])(
      '%s answers an unknown number with 404 and no number with 200',
      async (_case, method, path, status, body) => {
        const unknown = await sandbox.ask(method, path + unknownId);
        expect([unknown.status, unknown.json]).toEqual([status, body]);
        const unreadable = await sandbox.ask(method, `${path}ORD-1`);
        expect([unreadable.status, unreadable.json['error_number']]).toEqual([200, '400']);
      },
    );

    it('asks the acquirer, stores its code, and sends a webhook before it responds', async () => {
      const transId = await wallet();
      await sandbox.sendForm(`/sandbox/bank/${transId}`, { decision: 'approved' });
      expect((await sandbox.get(`/api/authurl/s2s/${transId}`)).json['order_status']).toBe('0');
      const { status, json } = await sandbox.ask('POST', `/api/status/s2s/transid/${transId}`);
      expect(status).toBe(200);
      expect(json).toMatchObject({
        order_status: '1',
        status: 'Approved',
        response: 'Payment successful',
        connector_status_code: '1',
        webhook_notify_time: expect.stringMatching(/\.000\d{3}$/),
      });
      expect(json).not.toHaveProperty('authurl');
      expect(merchant.bodies).toEqual([json]);
    });

    it('changes nothing while the acquirer’s code is unchanged', async () => {
      const transId = await wallet();
      const { json } = await sandbox.ask('POST', `/api/status/s2s/transid/${transId}`);
      expect(json).toMatchObject({
        order_status: '0',
        connector_status_code: '0',
        authurl: expect.any(String),
      });
      expect(json).not.toHaveProperty('webhook_notify_time');
      expect(merchant.received).toEqual([]);
    });

    it('returns the acquirer’s code even when it is not stored', async () => {
      const transId = await wallet();
      await acquirerSays(transId, 2);
      merchant.clear();
      await acquirerSays(transId, 1);
      const reply = await sandbox.ask('POST', `/api/status/s2s/transid/${transId}`);
      expect(reply.json['order_status']).toBe('1');
      expect((await sandbox.get(`/api/authurl/s2s/${transId}`)).json['order_status']).toBe('2');
      expect(merchant.received).toEqual([]);
    });

    it.each([22, 23])(
      'sends the webhook again at each poll of %d, which may still be approved',
      async (code) => {
        const transId = await wallet();
        await acquirerSays(transId, code);
        await sandbox.ask('POST', `/api/status/s2s/transid/${transId}`);
        await sandbox.get(`/api/status/transid/${transId}`);
        await acquirerSays(transId, 1);
        expect(merchant.bodies.map((body) => body['order_status'])).toEqual([
          `${code}`,
          `${code}`,
          `${code}`,
          '1',
        ]);
      },
    );

    it('stores 10 in the newer server only', async () => {
      const transId = await wallet();
      await acquirerSays(transId, 10);
      const { data } = await sandbox.ledger('ORD-1001');
      expect(data).toMatchObject([{ order_status: generation === 'b' ? '10' : '0' }]);
    });

    it('fails with 500 for a payment without a webhook_url', async () => {
      const answer = await sandbox.sendJson('/api/s2s', {
        ...without(aPayment, 'webhook_url'),
        ccno: '4111111111111111',
      });
      const path = `/api/status/s2s/transid/${String(answer.json['transID'])}`;
      const { status, json } = await sandbox.sendForm(path, { test_auth: 'approved' });
      expect(status).toBe(500);
      expect(json).toEqual({
        error: expect.stringMatching(/^Internal server error in /),
        message: expect.any(String),
      });
      expect((await sandbox.ledger('ORD-1001')).data).toMatchObject([
        { order_status: '27', charged: false },
      ]);
    });

    it('stores without a webhook when webhook_url is empty', async () => {
      const transId = await wallet({ webhook_url: '' });
      await acquirerSays(transId, 1);
      const { json } = await sandbox.get(`/api/authurl/s2s/${transId}`);
      expect(json['order_status']).toBe('1');
    });

    it('reads the transID field before the path when it redirects', async () => {
      const transId = await wallet({ return_url: '' });
      const { json } = await sandbox.sendForm(`/api/status/transid/${unknownId}`, {
        transID: transId,
      });
      expect(json['transID']).toBe(transId);
    });

    it('shows the acquirer’s answer to the admin', async () => {
      const transId = await wallet();
      const { json } = await sandbox.get(`/api/status/s2s/admin/${transId}`);
      expect(json).toMatchObject({
        transID: transId,
        connector_response_msg: 'Payment is pending',
        gateway_response: null,
      });
    });

    it('always fails in its reactive variant', async () => {
      const transId = await wallet();
      expect((await sandbox.get(`/api/status/webflux/transid/${transId}`)).status).toBe(500);
    });
  });
});

// §4.2: only an id that looks encrypted is decrypted.
describe.each<[GenerationName, boolean]>([
  ['doc', true],
  ['b', false],
])('an encrypted id at the status endpoint of generation %s', (generation, isRead) => {
  it(`is ${isRead ? '' : 'not '}recognised`, async () => {
    await sandbox.reset(generation);
    const { json } = await sandbox.createEncrypted({
      encryption_method: 'aes256',
      ccno: plainCard,
      return_url: '',
    });
    const token = String(json['authurl']).split('/').at(-1);
    const answer = await sandbox.get(`/api/status/transid/${token}`);
    expect(answer.json['transID']).toBe(isRead ? json['transID'] : undefined);
  });
});
