// The gateway's two published reference pages as data: the simple call and the encrypted one.
// Requests, replies and the webhook are the pages' own, character by character, because clients
// compare with them; the prose is given in our words.
//
// Simple page: a backend posts the payment as JSON; 11 parameters are mandatory; the payer is sent
// to `authurl` for 3DS, and the final status arrives at `webhook_url`. Encrypted page: the same
// parameters as one query string, which may begin with `&`, encrypted with the terminal's two keys
// and followed by the public key; `encryption_method=aes256` asks for encrypted webhooks.

/** The mark of a parameter: mandatory, fixed or filled in by the server, optional. */
type Demand = 'M' | 'D' | 'C';

export const SIMPLE_PAGE = {
  path: '/api/s2s',
  request: `{
  "reference": "1DEVJAVA250422",
  "public_key": "WO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=",
  "bill_amt": "11.11",
  "bill_currency": "EUR",
  "bill_address": "3888 Austin Secret Lane",
  "bill_city": "Circleville 22",
  "bill_country": "US",
  "bill_email": "devops@text.com",
  "bill_ip": "222.176.92.333",
  "bill_phone": "65 62294466",
  "bill_state": "Utah",
  "bill_zip": "84723",
  "fullname": "Testing Dev Tech",
  "integration-type": "s2s",
  "mop": "CC",
  "product_name": "Testing DEV Product",
  "return_url": "https://www.google.com/",
  "source": "server-to-server integration",
  "source_url": "http://your.domain/source-url",
  "terNO": 42,
  "webhook_url": "https://webhook.site/your-webhook-id",
  "ccno": "4111111111111111",
  "ccvv": "123",
  "month": "01",
  "year": "30"
}`,
  /** The page cuts `authdata` off after 24 characters. */
  reply: `{
  "authstatus": "http://localhost:9003/api/authurl/s2s/100135250426141606",
  "bill_currency": "EUR",
  "transID": "100135250426141606",
  "mop": "Mastercard",
  "ccno": "543889XXXXXX0229",
  "reference": "22DEVJAVA250415",
  "authurl": "http://localhost:9003/api/authurl/100135250426141606",
  "order_status": "0",
  "tdate": "2025-04-26 14:16:06.000657",
  "response": "Payment is pending",
  "authdata": "eyJ0cmFuc0lEIjoxMDAxMzUy...",
  "bill_amt": "120.0",
  "status": "Pending"
}`,
} as const;

export const ENCRYPTED_PAGE = {
  path: '/api/s2s/encrypt',
  contentType: 'application/x-www-form-urlencoded',
  /** The page cuts the ciphertext off, and shows no private key. */
  request: 'encrypted_data=Fx9PJmn4TknBmttkHe3JX...{public_key}',
  /** The page's example of the start of a query string. */
  plaintext: '&bill_amt=11.00&fullname=dev+tech',
  reply: `{
  "authurl": "http://localhost:9003/api/authurl/38FACFT0nigxaW_OyOojZoxYGlxqDzUCz_TJFL_M1nk=",
  "transID": "100135250426141606",
  "reference": "22DEVJAVA250415",
  "order_status": "0",
  "status": "Pending",
  "bill_amt": "11.11",
  "bill_currency": "EUR",
  "response": "Payment is pending"
}`,
  /** The decrypted `data` of the webhook. The page breaks the line before `&reference`. */
  webhook:
    'bill_currency=EUR&transID=100203250509173720&mop=Visa&ccno=411111XXXXXX1111' +
    '&reference=22PostDEVJAVA250415&order_status=25&bill_amt=130.0&status=Test Approved',
} as const;

/** The parameters that the pages list. `encryption_method` is on the encrypted page alone. */
export const PUBLISHED_PARAMETERS: readonly (readonly [string, Demand])[] = [
  ['public_key', 'M'],
  ['terNO', 'M'],
  ['integration-type', 'D'],
  ['bill_amt', 'M'],
  ['bill_currency', 'M'],
  ['product_name', 'M'],
  ['reference', 'M'],
  ['webhook_url', 'M'],
  ['return_url', 'M'],
  ['bill_ip', 'D'],
  ['encryption_method', 'D'],
  ['fullname', 'C'],
  ['bill_email', 'C'],
  ['mop', 'M'],
  ['ccno', 'C'],
  ['ccvv', 'C'],
  ['month', 'C'],
  ['year', 'C'],
];

/**
 * The members in which a reply or webhook of the sandbox differs from the pages, with the reason;
 * docs/sandbox.md repeats the list.
 */
export const PUBLISHED_DIFFERENCES = {
  transID: 'each payment has its own, of the same form',
  authurl: 'contains the transID, plain or encrypted with a key of the gateway',
  authstatus: 'contains the transID',
  authdata: 'contains the transID; the page shows its first characters only',
  tdate: 'the time of the payment',
} as const;
