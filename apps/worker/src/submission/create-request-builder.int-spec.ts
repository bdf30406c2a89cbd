// Goal: the request that reaches the gateway matches the protocol field by field. Method: the use
// case sends it, and the test decrypts it as the gateway would.
import { verifyCallbackToken } from '@quittance/vault';
import { json } from '../../../../test/support/scripted-gateway.js';
import {
  CALLBACK_URL,
  CARD,
  decrypted,
  TERMINAL_KEYS,
  transaction,
  WorkerRig,
} from '../../test/worker-rig.js';

let rig: WorkerRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const SENT = {
  public_key: TERMINAL_KEYS.publicKey,
  'integration-type': 's2s',
  bill_amt: '11.11',
  bill_currency: 'EUR',
  product_name: 'Two tickets',
  return_url: 'https://shop.example/return',
  mop: 'CC',
  fullname: 'Dev Tech',
  bill_email: 'dev@example.com',
  bill_phone: '+49 30 123456',
  bill_ip: '192.0.2.7',
  bill_address: 'Main Street 1',
  bill_city: 'Berlin',
  bill_state: 'BE',
  bill_zip: '10115',
  bill_country: 'DE',
  ccno: CARD.number,
  ccvv: CARD.cvv,
  month: CARD.expMonth,
  year: CARD.expYear,
  source_url: 'https://shop.example',
};
const customer = {
  name: 'Dev Tech',
  email: 'dev@example.com',
  phone: '+49 30 123456',
  ip: '192.0.2.7',
  address: {
    line1: 'Main Street 1',
    city: 'Berlin',
    state: 'BE',
    postalCode: '10115',
    country: 'DE',
  },
};
const full = { customer, sourceUrl: 'https://shop.example' };

describe('the create request', () => {
  it.each(['aes256', 'none'])(
    'contains every field under its exact name, encrypted, with %s callbacks',
    async (mode) => {
      await rig.reset({ callback_encryption: mode });
      const payment = await rig.accept(full);
      rig.gateway.script = () => json(200, transaction(payment, '25'));
      await rig.submission().submit(payment.id);
      const [request] = rig.gateway.requests;
      expect(request).toMatchObject({ method: 'POST', path: '/api/s2s/encrypt' });
      const { webhook_url: webhookUrl, ...fields } = decrypted(request!);
      const { reference } = payment;
      expect(fields).toEqual({ ...SENT, terNO: '42', reference, encryption_method: mode });
      const [, id = '', token = ''] = /\/callbacks\/(pi_\w+)\.(.+)$/.exec(webhookUrl ?? '') ?? [];
      expect(webhookUrl).toBe(`${CALLBACK_URL}/callbacks/${payment.id}.${token}`);
      expect(verifyCallbackToken(id, token, rig.keys)).toBe(true);
      const outer = new URLSearchParams(request!.body);
      expect([...outer.keys()].toSorted()).toEqual([
        'encrypted_data',
        'reference',
        'unique_reference',
      ]);
      expect([outer.get('unique_reference'), outer.get('reference')]).toEqual(['Y', reference]);
    },
  );

  it('contains every field under its exact name, plain', async () => {
    await rig.reset({ protocol: 'plain', callback_encryption: 'none' });
    const payment = await rig.accept(full);
    rig.gateway.script = () => json(200, transaction(payment, '25'));
    await rig.submission().submit(payment.id);
    const [request] = rig.gateway.requests;
    expect(request).toMatchObject({
      path: '/api/s2s',
      contentType: expect.stringMatching(/^application\/json/),
    });
    expect(JSON.parse(request!.body)).toEqual({
      ...SENT,
      terNO: 42,
      reference: payment.reference,
      encryption_method: 'none',
      webhook_url: expect.stringContaining(payment.id),
      unique_reference: 'Y',
    });
  });
});
