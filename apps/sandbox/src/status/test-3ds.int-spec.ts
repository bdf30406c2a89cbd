// Goal: the simulated 3DS of test cards follows protocol §5.4.
import { generationNames } from '../generation/generation.js';
import { RunningSandbox } from '../testing/running-sandbox.fixture.js';
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

describe.each(generationNames)('in generation %s', (generation) => {
  beforeEach(async () => {
    await sandbox.reset(generation);
    merchant.clear();
  });

  // §5.4
  describe('the 3DS test card', () => {
    it.each([
      ['approved', '25', 'Test Approved', '3DS test card approved', true],
      ['declined', '26', 'Test Declined', '3DS test card declined', false],
    ])('is %s by the form', async (testAuth, code, text, response, charged) => {
      const transId = await sandbox.created({
        ccno: '4111111111111111',
        webhook_url: merchant.url,
      });
      const path = `/api/status/s2s/transid/${transId}`;
      const { json } = await sandbox.sendForm(path, { otp: '123456', test_auth: testAuth });
      expect(json).toMatchObject({ order_status: code, status: text, response });
      expect(merchant.bodies).toEqual([json]);
      expect((await sandbox.ledger('ORD-1001')).data).toMatchObject([
        { order_status: code, charged },
      ]);
    });

    it('can be approved by query and by JSON too, with any OTP', async () => {
      const byQuery = await sandbox.created({ ccno: '4111111111111111', return_url: '' });
      const query = await sandbox.get(
        `/api/status/transid/${byQuery}?test_auth=approved&otp=000000`,
      );
      expect(query.json['order_status']).toBe('25');
      const byJson = await sandbox.created({ ccno: '4111111111111111' });
      const json = await sandbox.sendJson(`/api/status/s2s/transid/${byJson}`, {
        test_auth: 'approved',
      });
      expect(json.json['order_status']).toBe('25');
    });

    it('does not change on any other value, nor a second time', async () => {
      const transId = await sandbox.created({
        ccno: '4111111111111111',
        webhook_url: merchant.url,
      });
      const path = `/api/status/s2s/transid/${transId}`;
      expect((await sandbox.sendForm(path, { test_auth: 'yes' })).json['order_status']).toBe('27');
      await sandbox.sendForm(path, { test_auth: 'declined' });
      expect((await sandbox.sendForm(path, { test_auth: 'approved' })).json['order_status']).toBe(
        '26',
      );
      expect(merchant.received).toHaveLength(1);
    });
  });
});
