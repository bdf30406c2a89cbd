// Goal: the read-only look-up follows protocol §5.1.
import { generationNames } from '../generation/generation.js';
import { plainCard, RunningSandbox, type Fields } from '../testing/running-sandbox.fixture.js';
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
describe.each(generationNames)('in generation %s', (generation) => {
  beforeEach(async () => {
    await sandbox.reset(generation);
    merchant.clear();
  });

  // §5.1
  describe('the read-only look-up', () => {
    it('shows the stored row, with the same texts as a create reply', async () => {
      const transId = await sandbox.created();
      const { status, json } = await sandbox.get(`/api/authurl/s2s/${transId}`);
      expect(status).toBe(200);
      expect(json).toMatchObject({
        transID: transId,
        order_status: '25',
        status: 'Test Approved',
        bill_amt: '11.11',
        bill_currency: 'EUR',
        reference: 'ORD-1001',
        mop: generation === 'b' ? 'CC' : 'Visa',
        ccno: generation === 'b' ? '0026' : '401200XXXXXX0026',
        descriptor: null,
        upa: null,
        rrn: null,
      });
      expect(json).not.toHaveProperty('authurl');
      expect('terno' in json).toBe(generation === 'b');
    });

    it.each([
      [0, true, 'Pending'],
      [27, true, 'Test 3DS Authentication'],
      [1, false, 'Approved'],
      [8, false, 'Request Processed'],
      [22, false, 'Expired'],
      [10, false, 'Blocked'],
    ])('of code %d shows authurl: %s, and the text %s', async (code, hasUrl, text) => {
      const transId = await sandbox.createdAs(code);
      const { json } = await sandbox.get(`/api/authurl/s2s/${transId}`);
      expect([json['order_status'], json['status']]).toEqual([String(code), text]);
      expect(['authurl' in json, 'authdata' in json]).toEqual([hasUrl, hasUrl]);
    });

    it('never changes anything and never sends a webhook', async () => {
      const transId = await wallet();
      const before = await sandbox.get(`/api/authurl/s2s/${transId}`);
      expect((await sandbox.get(`/api/authurl/s2s/${transId}`)).json).toEqual(before.json);
      expect(merchant.received).toEqual([]);
    });

    it('answers an unknown number with 200 and an empty object', async () => {
      const { status, text } = await sandbox.get(`/api/authurl/s2s/${unknownId}`);
      expect([status, text]).toEqual([200, '{}']);
    });

    it('answers anything else with 404 and number 400', async () => {
      const { status, json } = await sandbox.get('/api/authurl/s2s/UNKNOWN-1');
      expect(status).toBe(404);
      expect(json).toEqual({
        error_number: '400',
        error_message: expect.stringMatching(/^Invalid transID format/),
        status: 'Error',
      });
    });

    it(`${generation === 'doc' ? 'finds' : 'does not find'} a payment by its reference`, async () => {
      const transId = await sandbox.created();
      const { json } = await sandbox.get('/api/authurl/s2s/ORD-1001');
      expect(json['transID']).toBe(generation === 'doc' ? transId : undefined);
    });

    it('reads a numeric reference as a transID, and so shows another payment', async () => {
      const victim = await sandbox.created({ reference: 'ORD-VICTIM' });
      await sandbox.created({ reference: victim });
      const { json } = await sandbox.get(`/api/authurl/s2s/${victim}`);
      expect(json['reference']).toBe('ORD-VICTIM');
    });
  });
});
