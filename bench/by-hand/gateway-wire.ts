// The encrypted half of the gateway's protocol (§2, §6.4), as far as one payment needs it, written
// for one terminal. It does not use libs/gateway-protocol, because that is part of what the bench
// measures.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { PaymentRequest } from '../load/payment.js';

/** A terminal as the gateway issued it. */
export interface GatewayTerminal {
  readonly number: number;
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The gateway's unchecked statement about a transaction, in a callback or a reply. */
export type GatewayFields = Readonly<Record<string, unknown>>;

/** The part of a create request that the gateway receives. */
export type GatewayRequest = Omit<PaymentRequest, 'terminal'>;

/** The method, path and headers of a create call. */
export const CREATE_CALL = {
  method: 'POST',
  path: '/api/s2s/encrypt',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
} as const;

/** Encodes and decodes the gateway's messages for one terminal. */
export function gatewayWire({ number, publicKey, privateKey }: GatewayTerminal) {
  const key = Buffer.alloc(32);
  key.write(privateKey);
  const iv = createHash('sha256').update(publicKey).digest().subarray(0, 16);

  function encrypt(text: string): string {
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    return Buffer.concat([cipher.update(text), cipher.final()]).toString('base64url');
  }

  /** The form body of a create call. Every field of the customer has to be present. */
  function createBody(request: GatewayRequest, webhookUrl: string): string {
    const { reference, customer, card } = request;
    const parameters = new URLSearchParams({
      public_key: publicKey,
      terNO: String(number),
      'integration-type': 's2s',
      bill_amt: request.amount,
      bill_currency: request.currency,
      product_name: request.product_name,
      reference,
      webhook_url: webhookUrl,
      return_url: request.return_url,
      bill_ip: customer.ip,
      encryption_method: 'aes256',
      mop: request.method,
      fullname: customer.name,
      bill_email: customer.email,
      bill_phone: customer.phone,
      bill_address: customer.address.line1,
      bill_city: customer.address.city,
      bill_state: customer.address.state,
      bill_zip: customer.address.postal_code,
      bill_country: customer.address.country,
      ccno: card.number,
      ccvv: card.cvv,
      month: card.exp_month,
      year: card.exp_year,
    });
    const encrypted = encrypt(parameters.toString()) + publicKey;
    const form = { encrypted_data: encrypted, unique_reference: 'Y', reference };
    return new URLSearchParams(form).toString();
  }

  /** Decrypts a callback. Throws if it is not JSON encrypted with the terminal's keys. */
  function readCallback({ data }: { readonly data: string }): GatewayFields {
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    const text = decipher.update(data, 'base64url', 'utf8') + decipher.final('utf8');
    return JSON.parse(text) as GatewayFields;
  }

  return { createBody, readCallback };
}
