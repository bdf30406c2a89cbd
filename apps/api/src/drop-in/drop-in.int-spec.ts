// Goal: a service that was written for the gateway gets the gateway's replies here, with our
// guarantees. Method: the requests that it sends, over real Postgres and Redis, with a worker that
// plays the gateway's reply.
import { encryptAes256 } from '@quittance/gateway-protocol';
import { newId } from '@quittance/platform';
import { parseKeySet, sealSecret } from '@quittance/vault';
import { eventually } from '../../../../test/support/eventually.js';
import { newTransId } from '../../../../test/support/payments.js';
import { ApiRig, type Answer } from '../../test/api-rig.js';
import { TestWorker } from '../../test/test-worker.js';

const PUBLIC_URL = 'https://pay.example';
const PRIVATE_KEY = 'a-private-key-that-no-log-may-contain-00000';
const CARD = '4012000033330026';

interface TestTerminal {
  readonly id: string;
  readonly merchantId: string;
  readonly key: string;
  readonly publicKey: string;
}

let rig: ApiRig;
let worker: TestWorker;
/** Accepts plain and encrypted requests from this host. */
let both: TestTerminal;
/** Accepts encrypted requests from this host. */
let encryptedOnly: TestTerminal;
/** Accepts plain requests from another network. */
let elsewhere: TestTerminal;

beforeAll(async () => {
  rig = await ApiRig.start({ env: { PUBLIC_API_URL: PUBLIC_URL, DROP_IN_WAIT_MS: '4000' } });
  worker = await TestWorker.start(rig);
  both = await addTerminal({ callers: ['127.0.0.0/8'], acceptsPlain: true, isSealed: true });
  encryptedOnly = await addTerminal({
    callers: ['127.0.0.1'],
    acceptsPlain: false,
    isSealed: true,
  });
  elsewhere = await addTerminal({ callers: ['192.0.2.0/24'], acceptsPlain: true, isSealed: false });
});
afterAll(async () => {
  await worker.stop();
  await rig.stop();
});

let terminals = 0;
async function addTerminal(options: {
  readonly callers: readonly string[];
  readonly acceptsPlain: boolean;
  readonly isSealed: boolean;
  readonly mode?: 'live';
}): Promise<TestTerminal> {
  const { id: merchantId, terminalId: id, key } = await rig.addMerchant(options);
  terminals += 1;
  const publicKey = `+/${String(terminals).padStart(41, 'k')}=`;
  const keys = parseKeySet(JSON.stringify(rig.keySets.operator));
  const context = { terminalId: id, keys, use: 'dropInSecrets' } as const;
  const sealed = options.isSealed ? await sealSecret(PRIVATE_KEY, context) : null;
  await rig.pool.query('UPDATE terminals SET public_key = $2 WHERE id = $1', [id, publicKey]);
  await rig.pool.query(
    `INSERT INTO drop_ins (terminal_id, public_key, caller_networks, callback_origins, accepts_plain, sealed_private_key, created_at)
     VALUES ($1, $2, $3, '{https://shop.example}', $4, $5, now())`,
    [id, publicKey, options.callers, options.acceptsPlain, sealed],
  );
  return { id, merchantId, key, publicKey };
}

type Fields = Readonly<Record<string, string | undefined>>;

/** A request as the reference publishes it. */
function fields(terminal: TestTerminal, changes: Fields = {}): Record<string, string> {
  const all = {
    public_key: terminal.publicKey,
    terNO: '42',
    'integration-type': 's2s',
    bill_amt: '11.10',
    bill_currency: 'EUR',
    product_name: 'Two tickets',
    reference: `ORD-${newId('x').slice(2)}`,
    webhook_url: 'https://shop.example/callback',
    return_url: 'https://shop.example/return',
    bill_ip: '192.0.2.7',
    mop: 'CC',
    fullname: 'Dev Tech',
    bill_email: 'dev@example.com',
    bill_country: 'DE',
    ccno: CARD,
    ccvv: '123',
    month: '01',
    year: '30',
    source: 'Curl-Direct-Card-Payment',
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

const post = (body: string, headers: Readonly<Record<string, string>>, path = '/api/s2s') =>
  rig.ask('POST', path, { body, headers });
const postJson = (sent: Fields) => post(JSON.stringify(sent), JSON_TYPE);
const form = (sent: Record<string, string>) => new URLSearchParams(sent).toString();
const formData = (sent: Record<string, string>) =>
  `${Object.entries(sent)
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}`)
    .join('\r\n')}\r\n--b--\r\n`;

function envelope(terminal: TestTerminal, sent: Record<string, string>, key = PRIVATE_KEY): string {
  const keys = { publicKey: terminal.publicKey, privateKey: key };
  return encryptAes256(`&${form(sent)}`, keys) + terminal.publicKey;
}
const postEncrypted = (terminal: TestTerminal, sent: Record<string, string>, key?: string) =>
  post(form({ encrypted_data: envelope(terminal, sent, key) }), FORM_TYPE, '/api/s2s/encrypt');

async function stored(reference: string | undefined) {
  const { rows } = await rig.pool.query<Record<string, unknown>>(
    'SELECT * FROM payment_intents WHERE reference = $1',
    [reference],
  );
  return rows;
}

/** Waits until the payment is stored, and opens its attempt. */
async function opened(reference: string | undefined): Promise<string> {
  const id = await eventually(async () => {
    const [row] = await stored(reference);
    if (!row) throw new Error('not stored yet');
    return String(row['id']);
  });
  await worker.open(id);
  return id;
}

/** Sends a request and lets the gateway answer it. */
async function answered(
  ask: Promise<Answer>,
  reference: string | undefined,
  report: Parameters<TestWorker['report']>[1] = {},
): Promise<Answer> {
  await worker.report(await opened(reference), report);
  return ask;
}

const FULL_REPLY = {
  order_status: '25',
  status: 'Pending',
  bill_amt: '11.1',
  bill_currency: 'EUR',
  response: 'ok',
  mop: 'Visa',
  ccno: '401200XXXXXX0026',
  rrn: null,
  upa: 'null',
};

describe.each<[string, (sent: Record<string, string>) => Promise<Answer>]>([
  ['as JSON', (sent) => postJson(sent)],
  ['as a form', (sent) => post(form(sent), FORM_TYPE)],
  [
    'as a multipart form',
    (sent) => post(formData(sent), { 'content-type': 'multipart/form-data; boundary=b' }),
  ],
  ['encrypted', (sent) => postEncrypted(both, sent)],
])('a request %s', (_, send) => {
  it('is answered with the gateway’s reply in the gateway’s form', async () => {
    const sent = fields(both);
    const { reference } = sent;
    const transId = newTransId();
    const { status, body, headers } = await answered(send(sent), reference, { transId });
    expect(headers.get('content-type')).toContain('application/json');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        ...FULL_REPLY,
        transID: transId,
        reference,
        tdate: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.000\d{3}$/) as string,
        authurl: `${PUBLIC_URL}/api/authurl/${transId}`,
        authstatus: `${PUBLIC_URL}/api/authurl/s2s/${transId}`,
      },
    });
    const [row] = await stored(reference);
    expect(row).toMatchObject({
      amount_minor: '1110',
      currency: 'EUR',
      method: 'CC',
      product_name: 'Two tickets',
      return_url: 'https://shop.example/return',
      webhook_url: 'https://shop.example/callback',
      webhook_encryption: 'none',
      customer: {
        name: 'Dev Tech',
        email: 'dev@example.com',
        ip: '192.0.2.7',
        address: { country: 'DE' },
      },
    });
  });
});

it('asks for encrypted callbacks as at the gateway', async () => {
  const sent = fields(encryptedOnly, { encryption_method: 'aes256' });
  await answered(postEncrypted(encryptedOnly, sent), sent['reference']);
  expect((await stored(sent['reference']))[0]).toMatchObject({ webhook_encryption: 'aes256' });
});

describe('a repeat', () => {
  it('gets the first answer, also from the other way in', async () => {
    const sent = fields(both);
    const first = await answered(postJson(sent), sent['reference']);
    const again = await postEncrypted(both, { ...sent, bill_amt: '11.1' });
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await stored(sent['reference'])).toHaveLength(1);
  });

  it('with other content gets the gateway’s 5012, with the fields that differ', async () => {
    const sent = fields(both);
    await answered(postJson(sent), sent['reference']);
    const { status, body } = await postJson({
      ...sent,
      bill_amt: '12',
      webhook_url: 'https://shop.example/other',
    });
    expect({ status, body }).toEqual({
      status: 400,
      body: {
        error_number: '5012',
        error_message: `${sent['reference']} - Unique reference already exists`,
        status: 'Error',
        differing_fields: ['bill_amt', 'webhook_url'],
      },
    });
  });

  it('at the same moment makes one payment, and every caller gets its result', async () => {
    const sent = fields(both);
    const asked = Array.from({ length: 6 }, () => postJson(sent));
    const first = await answered(asked[0]!, sent['reference']);
    for (const answer of await Promise.all(asked)) expect(answer.body).toEqual(first.body);
    expect(await stored(sent['reference'])).toHaveLength(1);
  });

  it('over HTTP finds the payment', async () => {
    const sent = fields(both, { bill_address: undefined });
    await answered(postJson(sent), sent['reference']);
    const body = {
      reference: sent['reference'],
      terminal: 'main',
      amount: '11.10',
      currency: 'EUR',
      product_name: 'Two tickets',
      method: 'CC',
      card: { number: CARD, cvv: '123', exp_month: '01', exp_year: '30' },
      customer: { name: 'Dev Tech', email: 'dev@example.com', address: { country: 'DE' } },
      return_url: 'https://shop.example/return',
    };
    const { status, headers } = await rig.ask('POST', '/v1/payment-intents', {
      key: both.key,
      body,
    });
    expect([status, headers.get('idempotent-replayed')]).toEqual([200, 'true']);
  });
});

describe('an unknown outcome', () => {
  const UNKNOWN = { status: 504, body: { error: 'outcome_unknown', status: 'error' } };

  it('is said when the wait is over, and a repeat waits again', async () => {
    const sent = fields(both);
    const asked = postJson(sent);
    const id = await opened(sent['reference']);
    const answer = await asked;
    expect(answer).toMatchObject(UNKNOWN);
    expect(answer.headers.get('retry-after')).toBe('5');
    const again = postJson(sent);
    await worker.report(id);
    expect(await again).toMatchObject({ status: 200, body: { order_status: '25' } });
    expect(await stored(sent['reference'])).toHaveLength(1);
  });

  it('is said of a payment in doubt, until the doubt has ended', async () => {
    const sent = fields(both);
    const asked = postJson(sent);
    const id = await opened(sent['reference']);
    await worker.learn(id, { kind: 'unknown', reason: 'gateway_server_error' });
    expect(await asked).toMatchObject(UNKNOWN);
    expect(await postJson(sent)).toMatchObject(UNKNOWN);
  });
});

it.each([
  ['5002' as const, { error_number: '5002', error_message: 'BIN', status: 'Error' }],
  ['1113' as const, { error_number: '1113', error_message: 'BIN', status: 'Error' }],
])('passes the gateway’s refusal %s on, to a repeat too', async (code, body) => {
  const sent = fields(both);
  const asked = postJson(sent);
  const id = await opened(sent['reference']);
  await worker.learn(id, { kind: 'refused', code, message: 'BIN', isConfiguration: false });
  expect(await asked).toMatchObject({ status: 400, body });
  expect(await postJson(sent)).toMatchObject({ status: 400, body });
});

it('says that the gateway blocked the payment, with the id as a number', async () => {
  const sent = fields(both);
  const asked = fetch(`${rig.url}/api/s2s`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify(sent),
  });
  const id = await opened(sent['reference']);
  const transId = '100135250426141606';
  const message = 'Transaction is Blocked';
  await worker.learn(id, { kind: 'blocked', code: '403', transId, message });
  const answer = await asked;
  expect([answer.status, await answer.text()]).toEqual([
    403,
    `{"status":"error","transID":${transId},"message":"${message}","blacklist_message":""}`,
  ]);
});

describe('a request that is refused', () => {
  const NOT_FOUND = { status: 404, body: { error: 'Terminal not found' } };
  const numbered = (number: string) => ({
    status: 400,
    body: { error_number: number, status: 'Error' },
  });

  it.each<[string, () => Promise<Answer>, object]>([
    [
      'for a public key with NUL',
      () => postJson(fields(both, { public_key: `\0${both.publicKey.slice(1)}` })),
      NOT_FOUND,
    ],
    [
      'for an unknown terminal',
      () => postJson(fields({ ...both, publicKey: 'k'.repeat(44) })),
      NOT_FOUND,
    ],
    ['for a terminal that accepts other networks', () => postJson(fields(elsewhere)), NOT_FOUND],
    [
      'in clear for a terminal that accepts encrypted ones',
      () => postJson(fields(encryptedOnly)),
      numbered('400'),
    ],
    [
      'without a public key',
      () => postJson(fields(both, { public_key: undefined })),
      { status: 400, body: { error: 'Invalid connector_id format' } },
    ],
    ['without anything', () => postJson({}), numbered('1111')],
    ['without a body', () => post('', JSON_TYPE), numbered('1111')],
    ['without an amount', () => postJson(fields(both, { bill_amt: '' })), numbered('1111')],
    ['for nothing', () => postJson(fields(both, { bill_amt: '0.00' })), numbered('1112')],
    ['for less', () => postJson(fields(both, { bill_amt: '-1' })), numbered('1112')],
    ['with no JSON', () => post('{"bill_amt":', JSON_TYPE), numbered('500')],
    ['with deep JSON', () => post('['.repeat(60_000), JSON_TYPE), numbered('500')],
    [
      'with another private key',
      () => postEncrypted(both, fields(both), 'another-key'),
      numbered('5001'),
    ],
    [
      'with an escape that is none',
      () =>
        post(
          form({
            encrypted_data:
              encryptAes256('bill_amt=%zz', { ...both, privateKey: PRIVATE_KEY }) + both.publicKey,
          }),
          FORM_TYPE,
        ),
      numbered('5001'),
    ],
    ['with no card number', () => postJson(fields(both, { ccno: '1234' })), numbered('1113')],
  ])('%s gets the gateway’s words', async (_, ask, expected) => {
    const before = await rig.count('SELECT count(*) FROM payment_intents');
    expect(await ask()).toMatchObject(expected);
    expect(await rig.count('SELECT count(*) FROM payment_intents')).toBe(before);
  });

  it('names every fault at once by the gateway’s names, and echoes no value', async () => {
    const { status, body } = await postJson(
      fields(both, {
        bill_amt: '1e99',
        bill_currency: 'eur',
        product_name: CARD,
        reference: '1001',
        webhook_url: 'https://evil.example/callback',
        return_url: 'javascript:alert(1)',
        bill_ip: '192.168.421.1',
        bill_country: 'Germany',
        mop: 'XX',
        month: '13',
        year: undefined,
        connector_id: '7',
        'integration-type': 'checkout-s2s',
      }),
    );
    const named = (body['faults'] as { field: string }[]).map(({ field }) => field);
    expect(status).toBe(400);
    expect([...new Set(named)].toSorted()).toEqual(
      [
        'bill_amt',
        'bill_currency',
        'product_name',
        'reference',
        'webhook_url',
        'return_url',
        'bill_ip',
        'bill_country',
        'mop',
        'month',
        'year',
        'connector_id',
        'integration-type',
      ].toSorted(),
    );
    const text = JSON.stringify(body);
    for (const value of [CARD, 'evil', 'alert', '168.421', 'Germany'])
      expect(text).not.toContain(value);
  });

  it('with bytes that are no text is unreadable', async () => {
    const bytes = Uint8Array.from([0x7b, 0xff, 0x7d]);
    const answer = await fetch(`${rig.url}/api/s2s`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: bytes,
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error_number: '500' }]);
  });

  it('of a live terminal with an invalid card number gets 1113', async () => {
    const live = await addTerminal({
      callers: ['127.0.0.1'],
      acceptsPlain: true,
      isSealed: false,
      mode: 'live',
    });
    expect(await postJson(fields(live, { ccno: '4012000033330027' }))).toMatchObject({
      status: 400,
      body: { error_number: '1113' },
    });
  });
});

describe('the payer’s address', () => {
  it('leads to the gateway’s page while the payer has to act', async () => {
    const sent = fields(both);
    const authUrl = 'https://gateway.example/api/authurl/1';
    const report = { state: 'testPending', orderStatus: '27', authUrl } as const;
    const { body } = await answered(postJson(sent), sent['reference'], report);
    expect(body).toMatchObject({ order_status: '27', status: 'Pending' });
    const path = new URL(String(body['authurl'])).pathname;
    const redirect = await fetch(`${rig.url}${path}`, { redirect: 'manual' });
    expect([redirect.status, redirect.headers.get('location')]).toEqual([307, authUrl]);
    const status = await rig.ask('GET', new URL(String(body['authstatus'])).pathname);
    expect(status.body).toMatchObject({
      transID: body['transID'],
      status: 'Test 3DS Authentication',
      authurl: body['authurl'],
      descriptor: null,
      upa: null,
    });
  });

  it('says that there is nothing to do afterwards', async () => {
    const sent = fields(both);
    const { body } = await answered(postJson(sent), sent['reference']);
    expect(await rig.ask('GET', new URL(String(body['authurl'])).pathname)).toMatchObject({
      status: 400,
      body: { error: 'authstatus is missing or invalid' },
    });
  });

  it.each([
    ['/api/authurl/1', 404, { error: 'Transaction not found' }],
    ['/api/authurl/ORD-1', 404, { error_number: '400' }],
    ['/api/authurl/s2s/1', 200, {}],
    ['/api/authurl/s2s/ORD-1', 404, { error_number: '400' }],
  ])('%s answers %d', async (path, status, body) => {
    const answer = await rig.ask('GET', path);
    expect(answer).toMatchObject({ status, body });
    if (status === 200) expect(answer.body).toEqual({});
  });

  it('shows no status to a caller of another network', async () => {
    const sent = fields(both);
    const { body } = await answered(postJson(sent), sent['reference']);
    const networks = (list: string) =>
      rig.pool.query('UPDATE drop_ins SET caller_networks = $2 WHERE terminal_id = $1', [
        both.id,
        [list],
      ]);
    await networks('192.0.2.0/24');
    const hidden = await rig.ask('GET', `/api/authurl/s2s/${String(body['transID'])}`);
    await networks('127.0.0.0/8');
    expect(hidden.body).toEqual({});
  });
});

it('logs neither cards nor private keys', () => {
  const text = rig.logged.join('');
  for (const secret of [CARD, PRIVATE_KEY]) expect(text).not.toContain(secret);
});

it('counts its requests by their way in', async () => {
  const metric = await rig.metrics.registry.getSingleMetric('quittance_intake_total')?.get();
  const counted = new Set(
    metric?.values.map(({ labels }) => `${labels['door']} ${labels['outcome']}`),
  );
  expect(counted).toContain('drop_in accepted');
  expect(counted).toContain('drop_in replayed');
  expect(counted).toContain('drop_in conflict');
  expect(counted).toContain('drop_in invalid');
});
