// The create call, parameter by parameter, as in the gateway's two reference pages.
import fc from 'fast-check';
import { decryptAes256 } from './aes256.js';
import {
  encodeCreate,
  paymentModes,
  type CreateRequest,
  type WireTerminal,
} from './create-request.js';
import { decodeQueryString } from './query-string.js';

const terminal = {
  number: 42,
  publicKey: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjl+=',
  privateKey: 'private-key-of-this-test',
  protocol: 'plain',
  callbacks: 'none',
} as const satisfies WireTerminal;
const encrypted = { ...terminal, protocol: 'encrypted', callbacks: 'aes256' } as const;

/** The sample of the reference pages, with every optional field. */
const full: CreateRequest = {
  reference: '1DEVJAVA250422',
  amount: { minor: 1111n, exponent: 2 },
  currency: 'EUR',
  productName: 'Testing DEV Product',
  method: 'CC',
  webhookUrl: 'https://webhook.site/your-webhook-id',
  returnUrl: 'https://www.google.com/?a=1&b=2',
  customer: {
    name: 'Testing Dev Tech',
    email: 'devops+tag@text.com',
    phone: '+65 62294466',
    ip: '203.0.113.7',
    address: '3888 Austin Secret Lane',
    city: 'Circleville 22',
    state: 'Utah',
    zip: '84723',
    country: 'US',
  },
  card: { number: '4111111111111111', cvv: '123', expiryMonth: '01', expiryYear: '30' },
  source: 'server-to-server integration',
  sourceUrl: 'http://your.domain/source-url',
};
const least: CreateRequest = {
  reference: 'ORD-1',
  amount: { minor: 500n, exponent: 0 },
  currency: 'JPY',
  productName: 'Zoë 王小明 🚀',
  method: 'WALLET',
  webhookUrl: 'http://127.0.0.1:3001/callbacks/x',
  returnUrl: 'https://shop.example/return',
};

const fullParameters: Readonly<Record<string, string>> = {
  public_key: terminal.publicKey,
  terNO: '42',
  'integration-type': 's2s',
  bill_amt: '11.11',
  bill_currency: 'EUR',
  product_name: 'Testing DEV Product',
  reference: '1DEVJAVA250422',
  webhook_url: 'https://webhook.site/your-webhook-id',
  return_url: 'https://www.google.com/?a=1&b=2',
  bill_ip: '203.0.113.7',
  mop: 'CC',
  fullname: 'Testing Dev Tech',
  bill_email: 'devops+tag@text.com',
  bill_phone: '+65 62294466',
  bill_address: '3888 Austin Secret Lane',
  bill_city: 'Circleville 22',
  bill_state: 'Utah',
  bill_zip: '84723',
  bill_country: 'US',
  ccno: '4111111111111111',
  ccvv: '123',
  month: '01',
  year: '30',
  source: 'server-to-server integration',
  source_url: 'http://your.domain/source-url',
};
const mandatory = [
  'public_key',
  'terNO',
  'integration-type',
  'bill_amt',
  'bill_currency',
  'product_name',
  'reference',
  'webhook_url',
  'return_url',
  'encryption_method',
  'mop',
];

/**
 * Splits an encrypted create as the server does: the public key is the suffix of encrypted_data.
 */
function openForm(body: string): { outer: URLSearchParams; inner: Map<string, string> } {
  const outer = new URLSearchParams(body);
  const value = outer.get('encrypted_data') ?? '';
  const publicKey = value.slice(-44);
  const plaintext = decryptAes256(value.slice(0, -44), { ...terminal, publicKey });
  return { outer, inner: decodeQueryString(plaintext, 'form') };
}

describe('a plain create', () => {
  it('is a JSON POST to /api/s2s', () => {
    const { path, contentType } = encodeCreate(full, terminal);
    expect(path).toBe('/api/s2s');
    expect(contentType).toMatch(/^application\/json/);
  });

  it('has every parameter under its exact name, and requests a unique reference', () => {
    expect(JSON.parse(encodeCreate(full, terminal).body)).toEqual({
      ...fullParameters,
      terNO: 42,
      encryption_method: 'none',
      unique_reference: 'Y',
    });
  });

  it('requests encrypted callbacks if the terminal wants them', () => {
    const { body } = encodeCreate(full, { ...terminal, callbacks: 'aes256' });
    expect(JSON.parse(body)).toHaveProperty('encryption_method', 'aes256');
  });

  it('omits absent values', () => {
    const parameters = JSON.parse(encodeCreate(least, terminal).body) as Record<string, unknown>;
    expect(Object.keys(parameters).toSorted()).toEqual(
      [...mandatory, 'unique_reference'].toSorted(),
    );
  });
});

describe('an encrypted create', () => {
  const { path, contentType, body } = encodeCreate(full, encrypted);

  it('is a form POST to /api/s2s/encrypt', () => {
    expect(path).toBe('/api/s2s/encrypt');
    expect(contentType).toBe('application/x-www-form-urlencoded');
  });

  it('percent-encodes the public key at the end of the ciphertext', () => {
    expect(body).toContain('WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2%2Fxjl%2B%3D&');
    expect(openForm(body).outer.get('encrypted_data')).toMatch(/^[\w-]+WO6Q.*xjl\+=$/);
  });

  it('has every parameter inside, under its exact name', () => {
    expect(Object.fromEntries(openForm(body).inner)).toEqual({
      ...fullParameters,
      encryption_method: 'aes256',
    });
  });

  it('has only the unique reference outside, where the server honours it', () => {
    const { outer } = openForm(body);
    expect([...outer.keys()]).toEqual(['encrypted_data', 'unique_reference', 'reference']);
    expect(outer.get('unique_reference')).toBe('Y');
    expect(outer.get('reference')).toBe('1DEVJAVA250422');
  });

  it('omits absent values', () => {
    const { inner } = openForm(encodeCreate(least, encrypted).body);
    expect([...inner.keys()].toSorted()).toEqual(mandatory.toSorted());
    expect(inner.get('product_name')).toBe('Zoë 王小明 🚀');
  });

  it('shows no card data', () => {
    expect(body).not.toContain('4111111111111111');
  });
});

describe('either create', () => {
  it.each(paymentModes)('sends %s as mop', (method) => {
    const request = { ...least, method };
    expect(JSON.parse(encodeCreate(request, terminal).body)).toHaveProperty('mop', method);
    expect(openForm(encodeCreate(request, encrypted).body).inner.get('mop')).toBe(method);
  });

  it('treats an empty value as absent', () => {
    const request = { ...least, source: '', customer: { name: '' } };
    expect(encodeCreate(request, terminal)).toEqual(encodeCreate(least, terminal));
    expect(encodeCreate(request, encrypted)).toEqual(encodeCreate(least, encrypted));
  });

  it.each([terminal, encrypted])('rejects an amount that does not fit, $protocol', (either) => {
    const request = { ...least, amount: { minor: 1n, exponent: 3 } };
    expect(() => encodeCreate(request, either)).toThrow(RangeError);
  });

  it('transfers any text to the server unchanged', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(text, text, (productName, name) => {
        const request = { ...least, productName, customer: { name } };
        const { inner } = openForm(encodeCreate(request, encrypted).body);
        expect(inner.get('product_name')).toBe(productName);
        expect(inner.get('fullname')).toBe(name);
        expect(JSON.parse(encodeCreate(request, terminal).body)).toMatchObject({
          product_name: productName,
          fullname: name,
        });
      }),
    );
  });
});
