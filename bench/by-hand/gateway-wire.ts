// The encrypted half of the gateway's wire, as far as one payment needs it (protocol §2, §6.4),
// written as one would write it for one terminal. Not libs/gateway-protocol: that is part of what
// is being measured.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { PaymentRequest } from '../load/payment-request.js';

/** As the gateway issued it. */
export interface GatewayTerminal {
  readonly number: number;
  readonly publicKey: string;
  readonly privateKey: string;
}

/**
 * What the gateway says of a transaction, in a callback or a reply. Nothing of it has been checked.
 */
export type GatewayFields = Readonly<Record<string, unknown>>;

/** Reads and writes the gateway's messages for one terminal. */
export function gatewayWire({ number, publicKey, privateKey }: GatewayTerminal) {
  const key = Buffer.alloc(32);
  key.write(privateKey);
  const iv = createHash('sha256').update(publicKey).digest().subarray(0, 16);

  function encrypt(text: string): string {
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    return Buffer.concat([cipher.update(text), cipher.final()]).toString('base64url');
  }

  function decrypt(text: string): string {
    const decipher = createDecipheriv('aes-256-cbc', key, iv);
    return decipher.update(text, 'base64url', 'utf8') + decipher.final('utf8');
  }

  /**
   * The form body of a create call; `request` is a create request of api.md with every customer
   * field given.
   */
  function createBody(request: Omit<PaymentRequest, 'terminal'>, webhookUrl: string): string {
    const { customer, card } = request;
    const parameters = new URLSearchParams({
      public_key: publicKey,
      terNO: String(number),
      'integration-type': 's2s',
      bill_amt: request.amount,
      bill_currency: request.currency,
      product_name: request.product_name,
      reference: request.reference,
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
    return new URLSearchParams({
      encrypted_data: encrypt(parameters.toString()) + publicKey,
      unique_reference: 'Y',
      reference: request.reference,
    }).toString();
  }

  /** What an encrypted callback says. */
  function readCallback(body: { readonly data: string }): GatewayFields {
    return JSON.parse(decrypt(body.data)) as GatewayFields;
  }

  return { createBody, readCallback };
}

/** Where the create call goes, and as what. */
export const CREATE_PATH = '/api/s2s/encrypt';
export const CREATE_HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };
