// Callbacks in the gateway's format, for the one terminal of the webhook's tests.
import { encryptAes256 } from '@quittance/gateway-protocol';
import type { Payment } from '@quittance/payments';

export const KEYS = {
  publicKey: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
  privateKey: 'a-private-key-that-no-log-may-contain',
};
export const TRANS_ID = '100135250426141606';
export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Returns the fields of a callback about a payment of 11.11 EUR (protocol §6.3). */
export function fields(payment: Payment, orderStatus: string, changes: object = {}) {
  return {
    transID: payment.transId ?? TRANS_ID,
    order_status: orderStatus,
    status: 'Words of the gateway',
    bill_amt: '11.11',
    bill_currency: 'EUR',
    reference: payment.reference,
    response: 'More words',
    descriptor: null,
    upa: 'null',
    ccno: '401200XXXXXX0026',
    ...changes,
  };
}

/** Returns the gateway's encrypted envelope, including the private key (protocol §6.4). */
export function envelope(payload: string): string {
  const { publicKey, privateKey } = KEYS;
  const data = encryptAes256(payload, KEYS);
  return JSON.stringify({ private_key: privateKey, public_key: publicKey, data });
}
