// The comparison is fair only if all contestants send the gateway the very same bytes.
import { decodeCallback, encodeCreate, encryptAes256 } from '@quittance/gateway-protocol';
import { generateKeySets, parseKeySet } from '@quittance/vault';
import { decryptCard, encryptCard } from '../guarded/card.js';
import { paymentRequest } from '../load/payment.js';
import { gatewayWire } from './gateway-wire.js';

const terminal = {
  number: 42,
  publicKey: 'KzEr/9Qm2nJ0mXo3n8c5b1U6T7a8v9w0x1y2z3A4B5c=',
  privateKey: 'Zx81aQ-7nV_cPq3rT9uYw2LmK5jH8gF4dS6aE1bN0oI',
};
const webhookUrl = 'http://127.0.0.1:3001/callbacks/pi_1.token';

describe('the plain gateway wire', () => {
  const wire = gatewayWire(terminal);

  it('writes the create call as Quittance does, byte for byte', () => {
    const request = paymentRequest('s0-bare-1');
    const { card, customer } = request;
    const { body } = encodeCreate(
      {
        reference: request.reference,
        amount: { minor: 1111n, exponent: 2 },
        currency: request.currency,
        productName: request.product_name,
        method: request.method,
        webhookUrl,
        returnUrl: request.return_url,
        customer: {
          name: customer.name,
          email: customer.email,
          phone: customer.phone,
          ip: customer.ip,
          address: customer.address.line1,
          city: customer.address.city,
          state: customer.address.state,
          zip: customer.address.postal_code,
          country: customer.address.country,
        },
        card: {
          number: card.number,
          cvv: card.cvv,
          expiryMonth: card.exp_month,
          expiryYear: card.exp_year,
        },
      },
      { ...terminal, protocol: 'encrypted', callbacks: 'aes256' },
    );
    expect(wire.createBody(request, webhookUrl)).toBe(body);
  });

  it('writes the same from the card that the guarded version encrypted and decrypted', async () => {
    const { card, ...row } = paymentRequest('s0-guarded-1');
    const { api, worker } = generateKeySets();
    const contextOf = (keys: object) => ({
      paymentId: 'p-1',
      keys: parseKeySet(JSON.stringify(keys)),
    });
    const stored = await encryptCard(card, contextOf(api));
    const decrypted = await decryptCard(stored, contextOf(worker));
    const body = wire.createBody({ ...row, card: decrypted }, webhookUrl);
    expect(body).toBe(wire.createBody({ ...row, card }, webhookUrl));
  });

  it('reads the encrypted callback that Quittance reads', () => {
    const fields = { transID: '100135250426141606', order_status: '1', reference: 's0-bare-1' };
    const callback = { data: encryptAes256(JSON.stringify(fields), terminal) };
    const decoded = decodeCallback('application/json', JSON.stringify(callback), terminal);
    expect(decoded).toMatchObject({ kind: 'callback', encrypted: true, fields: fields });
    expect(wire.readCallback(callback)).toEqual(fields);
  });
});
