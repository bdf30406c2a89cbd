// Payments for tests, consistent with their status and stored as the apps store them.
import type { Payment } from '@quittance/payments';
import { newId } from '@quittance/platform';
import type { Pool } from 'pg';

let transactions = 0;

/** A transID that no other payment of this test file has: the database refuses a second one. */
export function newTransId(): string {
  transactions += 1;
  return `100135${String(transactions).padStart(12, '0')}`;
}

/** A payment just accepted; override the fields that matter to the test. */
export function aPayment(overrides: Partial<Payment> = {}): Payment {
  const now = new Date('2026-11-21T10:00:00.000Z');
  const id = newId('pi', overrides.createdAt);
  return {
    id,
    merchantId: 'mer_test',
    terminalId: 'ter_test',
    reference: `REF-${id.slice(3)}`,
    mode: 'test',
    lane: 'default',
    amountMinor: 1111n,
    currency: 'EUR',
    method: 'CC',
    productName: 'Two tickets',
    returnUrl: 'https://shop.example/return',
    returnPage: null,
    sourceUrl: null,
    orderId: null,
    idempotencyKey: null,
    customer: { name: 'Dev Tech', email: 'dev@example.com' },
    metadata: { cart: 'c-77' },
    card: { brand: 'visa', first6: '401200', last4: '0026' },
    status: 'queued',
    version: 1,
    attempt: 0,
    inquiries: 0,
    asks: 0,
    asksAnswered: 0,
    refundedMinor: 0n,
    refundReservedMinor: 0n,
    transId: null,
    orderStatus: null,
    gatewayResponse: null,
    authUrl: null,
    failure: null,
    doubtReason: null,
    flags: [],
    submitBefore: new Date(now.getTime() + 3_600_000),
    nextStepAt: new Date(now.getTime() + 30_000),
    hintedAt: null,
    createdAt: now,
    updatedAt: now,
    ...overrides,
  };
}

/**
 * The merchant `mer_test` with the terminal `ter_test` (named `main`), which {@link aPayment}
 * belongs to.
 */
export async function insertTestTerminal(
  pool: Pool,
  {
    id = 'ter_test',
    name = 'main',
    baseUrl = 'http://127.0.0.1:9',
    sealedPrivateKey = 'sealed',
  } = {},
): Promise<void> {
  await pool.query(
    `INSERT INTO merchants VALUES ('mer_test', 'test', now()) ON CONFLICT DO NOTHING`,
  );
  await pool.query(
    `INSERT INTO terminals (id, merchant_id, name, base_url, number, public_key, sealed_private_key, protocol,
       callback_encryption, mode, lane, inquiry, created_at)
     VALUES ($1, 'mer_test', $2, $3, 42, 'public', $4, 'encrypted', 'aes256', 'test', 'default', 'trans_id', now())`,
    [id, name, baseUrl, sealedPrivateKey],
  );
}
