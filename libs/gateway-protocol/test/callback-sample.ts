// One callback as the gateway sends it, in all its forms, and the expected result.
import { encryptAes256 } from '../src/aes256.js';

export const keys = {
  publicKey: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
  privateKey: 'a-private-key-that-stays-secret',
};
export const json = 'application/json; charset=UTF-8';
export const form = 'application/x-www-form-urlencoded';

export const known = {
  transID: '100203250509173720',
  order_status: '25',
  status: 'Test Approved',
  bill_amt: '130.0',
  bill_currency: 'EUR',
  reference: '22PostDEVJAVA250415',
  tdate: '2025-05-09 17:37:20.000657',
  response: '3DS test card approved',
  mop: 'Visa',
  ccno: '411111XXXXXX1111',
  connector_status_code: '00',
  webhook_notify_time: '2025-05-09 17:37:45.000522',
};
export const wire = { ...known, descriptor: null, upa: 'null', rrn: null };
export const transaction = {
  transId: '100203250509173720',
  orderStatus: '25',
  amount: { digits: 130n, scale: 0 },
  currency: 'EUR',
  reference: '22PostDEVJAVA250415',
  response: '3DS test card approved',
  statusText: 'Test Approved',
  mop: 'Visa',
  maskedCard: '411111XXXXXX1111',
  tdate: '2025-05-09 17:37:20.000657',
  connectorStatusCode: '00',
  webhookNotifyTime: '2025-05-09 17:37:45.000522',
  unreadable: [],
};

/** Builds the envelope as the gateway sends it, including the private key. */
export function envelope(payload: string): string {
  return JSON.stringify({
    private_key: keys.privateKey,
    public_key: keys.publicKey,
    data: encryptAes256(payload, keys),
  });
}

/** The output of the gateway's own query-string builder: joined, not encoded, null as text. */
export const rawQuery = Object.entries(wire)
  .map(([name, value]) => `${name}=${value}`)
  .join('&');
