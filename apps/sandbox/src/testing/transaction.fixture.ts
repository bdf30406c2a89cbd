// Builds a complete row for tests; each test overrides only the fields that it is about.
import type { Transaction } from '../transactions/transaction.js';

export function aTransaction(overrides: Partial<Transaction> = {}): Transaction {
  return {
    transId: '100135250426141606',
    rowNumber: 135,
    publicKey: 'WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
    terminalNumber: '42',
    merchant: 'demo',
    reference: 'ORD-1001',
    amount: 130,
    currency: 'EUR',
    productName: 'Two tickets',
    webhookUrl: 'http://127.0.0.1:1/callback',
    returnUrl: 'http://127.0.0.1:1/return',
    integrationType: 's2s',
    mop: 'CC',
    brand: 'Visa',
    card: { first6: '411111', last4: '1111', length: 16 },
    baseUrl: 'http://127.0.0.1:9003/api/',
    createdAt: new Date(2025, 3, 26, 14, 16, 6, 657),
    payer: { fullName: 'Dev Tech', email: 'dev@example.com', phone: null },
    parentTransId: undefined,
    orderStatus: 0,
    acquirerStatus: undefined,
    response: 'Payment is pending',
    charged: false,
    ...overrides,
  };
}
