// Examples for the OpenAPI document: the session of the README, as data.

export const createExample = {
  reference: 'ORD-1001',
  order_id: 'ORD-1001',
  terminal: 'main',
  amount: '11.11',
  currency: 'EUR',
  product_name: 'Two tickets',
  method: 'CC',
  card: { number: '4012000033330026', cvv: '123', exp_month: '01', exp_year: '30' },
  customer: {
    name: 'Dev Tech',
    email: 'dev@example.com',
    phone: '65 62294466',
    ip: '203.0.113.7',
    address: {
      line1: '3888 Austin Secret Lane',
      city: 'Circleville',
      state: 'Utah',
      postal_code: '84723',
      country: 'US',
    },
  },
  return_url: 'https://shop.example/return',
  metadata: { cart: 'c-77' },
};

/** Encrypted to a key that was thrown away. */
const sealedCard = [
  'eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6ImNhcmRzLTVhM2Y5YzAxIiwic3ViIjoiT1JELTEwMDMiLCJlcGsiOnsieCI6IjBQNzZVczN5VmktMGc5TWVJaXI1WWFHSXNnRkxXMVNrbGFsN2VKQ01mUU0iLCJjcnYiOiJYMjU1MTkiLCJrdHkiOiJPS1AifX0',
  '',
  '1q66ah6gxhYabw3N',
  'ElU9p8cgry1u0FR9PZRR106YUTaBUWi8T2gwnEyOXh0FfPLv3ulWMOaLyHTdvD8NWte6upU8uSrWf_yIwF_m6OMZ2u7KPviiamc',
  'OlGrGLwUYhFR96hpUpWEgw',
];

export const sealedExample = {
  reference: 'ORD-1003',
  terminal: 'main',
  amount: '11.11',
  currency: 'EUR',
  product_name: 'Two tickets',
  method: 'CC',
  card_jwe: sealedCard.join('.'),
  return_url: 'https://shop.example/return',
};

export const walletExample = {
  reference: 'ORD-1002',
  terminal: 'main',
  amount: '25.00',
  currency: 'EUR',
  product_name: 'Gift card',
  method: 'WALLET',
  return_url: 'https://shop.example/return',
};

/** The parameters of the gateway's create call, as the published reference names them. */
export const gatewayFormExample = {
  public_key: 'qT3vJ0cZk1Yd8mWb5Lx2Nf7Rs4Ug6Ha9PeKiOyQz+A0=',
  terNO: '42',
  'integration-type': 's2s',
  reference: 'ORD-1004',
  bill_amt: '11.11',
  bill_currency: 'EUR',
  product_name: 'Two tickets',
  mop: 'CC',
  ccno: '4012000033330026',
  ccvv: '123',
  month: '01',
  year: '30',
  fullname: 'Dev Tech',
  bill_email: 'dev@example.com',
  bill_phone: '65 62294466',
  bill_ip: '203.0.113.7',
  bill_address: '3888 Austin Secret Lane',
  bill_city: 'Circleville',
  bill_state: 'Utah',
  bill_zip: '84723',
  bill_country: 'US',
  return_url: 'https://shop.example/return',
  webhook_url: 'https://shop.example/callback',
  source: 'Curl-Direct-Card-Payment',
};

export const gatewayReplyExample = {
  authurl: 'https://pay.example/api/authurl/100135250426141606',
  transID: '100135250426141606',
  order_status: '25',
  status: 'Pending',
  bill_amt: '11.11',
  bill_currency: 'EUR',
  reference: 'ORD-1004',
  tdate: '2026-11-21 10:00:00.000000',
  response: 'Test Transaction',
  mop: 'Visa',
  ccno: '401200XXXXXX0026',
  rrn: null,
  upa: 'null',
  authstatus: 'https://pay.example/api/authurl/s2s/100135250426141606',
};

const accepted = {
  id: 'pi_01m7y5rh4re6krxxrpp491c5wc',
  object: 'payment_intent',
  reference: 'ORD-1001',
  order_id: 'ORD-1001',
  terminal: 'main',
  livemode: false,
  amount: '11.11',
  currency: 'EUR',
  refunded_amount: '0.00',
  method: 'CC',
  status: 'queued',
  next_action: null,
  card: { brand: 'visa', first6: '401200', last4: '0026' },
  gateway: null,
  failure: null,
  doubt_reason: null,
  flags: [],
  metadata: { cart: 'c-77' },
  version: 1,
  created_at: '2026-11-21T10:00:00.000Z',
  updated_at: '2026-11-21T10:00:00.000Z',
};

export const acceptedExample = accepted;

export const succeededExample = {
  ...accepted,
  status: 'succeeded',
  gateway: { trans_id: '100135250426141606', order_status: '25', response: 'Test Transaction' },
  version: 3,
  updated_at: '2026-11-21T10:00:00.412Z',
};

export const createRefundExample = {
  reference: 'RF-1',
  amount: '5.00',
  reason: 'Damaged in transit',
};

export const refundExample = {
  id: 're_01m7y5rh4re6krxxrpp491c5wc',
  object: 'refund',
  payment_intent: 'pi_01m7y5rh4re6krxxrpp491c5wc',
  reference: 'RF-1',
  amount: '5.00',
  currency: 'EUR',
  reason: 'Damaged in transit',
  status: 'pending',
  failure: null,
  doubt_reason: null,
  version: 1,
  created_at: '2026-11-21T10:00:00.000Z',
  updated_at: '2026-11-21T10:00:00.000Z',
};
