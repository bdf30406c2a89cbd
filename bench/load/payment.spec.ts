import { decodeQueryString, decryptAes256 } from '@quittance/gateway-protocol';
import { createCall, paymentRequest } from './payment.js';
import { terminal } from './terminal.fixture.js';

const webhookUrl = 'http://127.0.0.1:3001/callbacks/pi_1.token';

it('sends the gateway everything that the create request says', () => {
  const call = createCall(paymentRequest('s0-bare-1'), terminal, webhookUrl);
  expect(call).toMatchObject({ method: 'POST', path: '/api/s2s/encrypt' });
  const form = decodeQueryString(call.body, 'form');
  const encrypted = String(form.get('encrypted_data')).slice(0, -terminal.publicKey.length);
  const parameters = decodeQueryString(decryptAes256(encrypted, terminal), 'form');
  expect(Object.fromEntries(parameters)).toEqual({
    public_key: terminal.publicKey,
    terNO: '42',
    'integration-type': 's2s',
    bill_amt: '11.11',
    bill_currency: 'EUR',
    product_name: 'Two tickets',
    reference: 's0-bare-1',
    webhook_url: webhookUrl,
    return_url: 'https://shop.example/return',
    bill_ip: '203.0.113.7',
    encryption_method: 'aes256',
    mop: 'CC',
    fullname: 'Dev Tech',
    bill_email: 'dev@example.com',
    bill_phone: '65 62294466',
    bill_address: '3888 Austin Secret Lane',
    bill_city: 'Circleville',
    bill_state: 'Utah',
    bill_zip: '84723',
    bill_country: 'US',
    ccno: '4242424242424242',
    ccvv: '123',
    month: '01',
    year: '30',
  });
});
