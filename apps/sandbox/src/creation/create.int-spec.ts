// The create call against protocol §1 to §3 and §11: what is answered, and whether a row was left behind.
import { encryptAes256 } from '@quittance/gateway-protocol';
import { generationNames, type GenerationName } from '../generation/generation.js';
import {
  aPayment,
  formOf,
  keys,
  plainCard,
  RunningSandbox,
  siblingKeys,
  without,
  type Fields,
} from '../testing/running-sandbox.fixture.js';

let sandbox: RunningSandbox;
beforeAll(async () => (sandbox = await RunningSandbox.start()));
afterAll(() => sandbox.stop());

async function rows(reference = 'ORD-1001'): Promise<string[]> {
  return (await sandbox.ledger(reference)).data.map((row) => row.order_status);
}

describe.each(generationNames)('a create call in generation %s', (generation) => {
  beforeEach(() => sandbox.reset(generation));

  // §10, §3.1: code and engine text; no webhook, no acquirer.
  it.each([
    ['4111111111111111', '27'],
    ['4012000033330026', '25'],
    ['4043409999991437', '26'],
    ['4029939999997636', '9'],
    ['5111111111111111', '27'],
    ['35000000000000', '27'],
  ])('by test card %s is answered with %s', async (ccno, code) => {
    const { status, json } = await sandbox.create({ ccno });
    expect([status, json['order_status']]).toEqual([200, code]);
    expect(json['status']).toBe(code === '9' ? 'Test' : 'Pending');
    expect(json['response']).toMatch(/^Test Transaction/);
    expect(await rows()).toEqual([code]);
  });

  // Every other card, and every other way to pay, is answered by the acquirer.
  it.each<[string, Fields, string, string]>([
    ['a card', { ccno: plainCard }, '1', 'Approved'],
    ['a debit card', { ccno: plainCard, mop: 'DC' }, '1', 'Approved'],
    ['a card that ends in 0002', { ccno: '4000000000000002' }, '2', 'Declined'],
    ['a wallet', { mop: 'WALLET' }, '0', 'Pending'],
    ['a bank', { mop: 'NB' }, '0', 'Pending'],
    ['a QR code', { mop: 'QRINTENT' }, '0', 'Pending'],
  ])('by %s gets the answer of the acquirer', async (_case, fields, code, text) => {
    const { json } = await sandbox.sendJson('/api/s2s', {
      ...without(aPayment, 'ccno'),
      ...fields,
    });
    expect(json).toMatchObject({ order_status: code, status: text });
  });

  // §3.2, §3.3 in the order of §1.3: each row breaks one thing less than the one before. None leaves a row.
  it.each<[string, Fields, number, Fields]>([
    [
      'an unknown public key before a missing amount',
      { ...without(aPayment, 'bill_amt'), public_key: 'x' },
      404,
      { error: 'Terminal not found' },
    ],
    [
      'a missing amount before a missing key',
      without(aPayment, 'bill_amt', 'public_key'),
      400,
      { error_number: '1111', status: 'Error' },
    ],
    ['an empty amount', { ...aPayment, bill_amt: '' }, 400, { error_number: '1111' }],
    [
      'an amount that is no number',
      { ...aPayment, bill_amt: '1,000.00' },
      400,
      { error_number: '500' },
    ],
    ['an amount that is null', { ...aPayment, bill_amt: null }, 400, { error_number: '500' }],
    ['an amount of zero', { ...aPayment, bill_amt: '0.00' }, 400, { error_number: '1112' }],
    ['a negative amount', { ...aPayment, bill_amt: -1 }, 400, { error_number: '1112' }],
    [
      'a missing public key',
      without(aPayment, 'public_key'),
      400,
      { error: 'Invalid connector_id format' },
    ],
    ['a jqp that is no number', { ...aPayment, jqp: 'x' }, 400, { error_number: '500' }],
    ['a card of five digits', { ...aPayment, ccno: '41111' }, 400, { error_number: '500' }],
    [
      'a card with a letter in front',
      { ...aPayment, ccno: '4111a11111111111' },
      400,
      { error_number: '500' },
    ],
    [
      'a card that fails Luhn',
      { ...aPayment, ccno: '4111111111111112' },
      400,
      { error_number: '1113' },
    ],
    [
      'a card of twenty digits',
      { ...aPayment, ccno: '41111111111111111111' },
      400,
      { error_number: '1113' },
    ],
  ])('refuses %s and stores nothing', async (_case, fields, status, body) => {
    const answer = await sandbox.sendJson('/api/s2s', fields);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject(body);
    expect(await rows()).toEqual([]);
  });

  it('refuses JSON that cannot be read with the catch-all, and stores nothing', async () => {
    const init = { headers: { 'content-type': 'application/json' }, body: '{"bill_amt":' };
    const answer = await sandbox.ask('POST', '/api/s2s', init);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({
      error_number: '500',
      error_message: expect.stringMatching(/^Internal Server Error: /),
    });
  });

  // §1.2: accepted although they look wrong.
  it.each(['11.10', ' 5 ', '1e3', '130', 'NaN'])('accepts the amount %j', async (bill_amt) => {
    expect((await sandbox.create({ bill_amt })).status).toBe(200);
  });

  it.each([
    ['120.00', '120.0'],
    ['11.10', '11.1'],
    [130, '130.0'],
    ['10000000', '1.0E7'],
    ['0.0005', '5.0E-4'],
  ])('writes the amount %j as %j', async (bill_amt, text) => {
    expect((await sandbox.create({ bill_amt })).json['bill_amt']).toBe(text);
  });

  // §3.2 "maybe": these are refused after the save.
  it.each(['bill_currency', 'product_name'])(
    'breaks without %s after the row was saved',
    async (name) => {
      const answer = await sandbox.sendJson('/api/s2s', {
        ...without(aPayment, name),
        ccno: plainCard,
      });
      expect([answer.status, answer.json['error_number']]).toEqual([400, '500']);
      expect(answer.text).not.toContain('transID');
      expect(await rows()).toEqual(['0']);
    },
  );

  it('needs no currency and no product without a card', async () => {
    const fields = without(aPayment, 'bill_currency', 'product_name', 'ccno');
    expect((await sandbox.sendJson('/api/s2s', fields)).json).toMatchObject({
      bill_currency: null,
      order_status: '0',
    });
  });

  it('takes a card with spaces and dashes', async () => {
    expect((await sandbox.create({ ccno: '4012-0000 3333 0026' })).json['order_status']).toBe('25');
  });

  it('answers a blocked payer with 403, the transID as a bare number, and keeps the row', async () => {
    const answer = await sandbox.create({ ccno: plainCard, bill_email: 'Blocked@Example.com' });
    const [row] = (await sandbox.ledger('ORD-1001')).data;
    expect(answer.status).toBe(403);
    expect(answer.text).toMatch(new RegExp(`"transID":${row?.transID},`));
    expect(row?.transID).toMatch(/^\d{18}$/);
    expect(answer.json).toMatchObject({
      status: 'error',
      message: 'Transaction is Blocked',
      blacklist_message: expect.stringContaining('_bill_email'),
    });
    expect(row).toMatchObject({ order_status: '10', charged: false });
  });

  it.each<[string, Fields, string]>([
    ['bill_ip', { bill_ip: '198.51.100.1' }, '198.51.100.1'],
    ['bill_country', { bill_country: 'us' }, 'US'],
    ['ccno', { ccno: plainCard }, '4242 4242 4242 4242'],
  ])('blocks by %s once a rule says so', async (field, fields, value) => {
    await sandbox.script('POST', '/sandbox/blocklist', { field, value });
    expect((await sandbox.create({ ccno: plainCard, ...fields })).status).toBe(403);
  });

  it('reads a form, and a form without a content type of its own', async () => {
    expect((await sandbox.sendForm('/api/s2s', aPayment)).json['order_status']).toBe('25');
    const body = formOf(aPayment);
    const init = { headers: { 'content-type': 'text/plain' }, body: body.toString() };
    expect((await sandbox.ask('POST', '/api/s2s', init)).json['order_status']).toBe('25');
  });

  it('does not find the terminal of a form whose key is not %-encoded', async () => {
    const init = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    const body = `public_key=${siblingKeys.publicKey}&bill_amt=1`;
    expect((await sandbox.ask('POST', '/api/s2s', { ...init, body })).json).toEqual({
      error: 'Terminal not found',
    });
  });

  it('takes a GET with its parameters in the query, and repairs the raw public key', async () => {
    const query = new URLSearchParams({ bill_amt: '1', reference: 'ORD-1001', mop: 'WALLET' });
    const answer = await sandbox.get(`/api/s2s?${query}&public_key=${siblingKeys.publicKey}`);
    expect(answer.json['order_status']).toBe('0');
  });

  it('counts every request it receives, and separately those that could charge', async () => {
    await sandbox.create({ bill_amt: '0' });
    await sandbox.create();
    await sandbox.sendJson('/api/s2s', without(aPayment, 'bill_amt'));
    const { data, received } = await sandbox.ledger('ORD-1001');
    expect(received.map((request) => request.could_charge)).toEqual([true, true, false]);
    expect(data).toMatchObject([{ requests: 2, charged: true }]);
  });
});

// §3.1: the fields of a success, generation by generation.
describe('a successful reply', () => {
  const common = {
    bill_amt: '11.11',
    bill_currency: 'EUR',
    reference: 'ORD-1001',
    rrn: null,
    upa: 'null',
  };

  it.each<[GenerationName, Fields, RegExp]>([
    ['doc', { mop: 'Visa', ccno: '401200XXXXXX0026', authdata: 'null' }, /\.000\d{3}$/],
    ['a', { mop: 'Visa', ccno: '401200XXXXXX0026', authdata: 'null' }, /\.000\d{3}$/],
    ['b', { mop: 'CC', ccno: '4012****0026' }, /\.\d{3}000$/],
  ])(
    'of generation %s has its own brand, mask, authdata and fraction',
    async (generation, fields, fraction) => {
      await sandbox.reset(generation);
      const { json } = await sandbox.create();
      const id = String(json['transID']);
      expect(json).toEqual({
        ...common,
        ...fields,
        transID: expect.stringMatching(/^\d{18}$/),
        order_status: '25',
        status: 'Pending',
        response: expect.any(String),
        tdate: expect.stringMatching(fraction),
        authstatus: `${sandbox.url}/api/authurl/s2s/${id}`,
        authurl: `${sandbox.url}/api/authurl/${id}`,
      });
    },
  );

  it('of the older server carries authdata with the transID as a number', async () => {
    await sandbox.reset('a');
    const { json } = await sandbox.create({ ccno: '4111111111111111', bill_amt: '130' });
    const data = Buffer.from(String(json['authdata']), 'base64').toString();
    expect(data).toMatch(
      new RegExp(`^\\{"transID":${String(json['transID'])},"action":"redirect","payamt":130.0,`),
    );
    expect(JSON.parse(data)).toMatchObject({ paycurrency: 'EUR', paytitle: 'Two tickets' });
  });

  it('of checkout-s2s in the newer server carries the decoded authdata', async () => {
    await sandbox.reset('b');
    const { json } = await sandbox.create({
      ccno: '4111111111111111',
      'integration-type': 'checkout-s2s',
    });
    expect(json).toMatchObject({
      authdata: { transID: json['transID'], action: 'redirect' },
      action: 'redirect',
      payamt: 11.11,
      paytitle: 'Two tickets',
      paycurrency: 'EUR',
      payaddress: expect.stringContaining('/test3dsecureauthentication/'),
    });
  });

  it.each<[GenerationName, string]>([
    ['doc', 'checkout-s2s'],
    ['b', 's2s'],
  ])(
    'of generation %s lets one spelling of the integration type win',
    async (generation, winner) => {
      await sandbox.reset(generation);
      const transId = await sandbox.created({
        'integration-type': 'checkout-s2s',
        integration_type: 's2s',
      });
      const { json } = await sandbox.get(`/api/transactions/${transId}`);
      expect(json['integrationType']).toBe(winner);
    },
  );

  it.each<[GenerationName, string]>([
    ['a', '7'],
    ['b', '42'],
  ])('of generation %s shows the terminal number %s', async (generation, terNO) => {
    await sandbox.reset(generation);
    await sandbox.create({ terNO: '7' });
    expect((await sandbox.ledger('ORD-1001')).data).toMatchObject([{ terNO }]);
  });

  it('of the reference page to an encrypted request has the short set of fields', async () => {
    await sandbox.reset('doc');
    const { json } = await sandbox.createEncrypted();
    expect(Object.keys(json).sort()).toEqual([
      'authurl',
      'bill_amt',
      'bill_currency',
      'order_status',
      'reference',
      'response',
      'status',
      'transID',
    ]);
  });
});

describe('what only one generation does', () => {
  it('a: takes terNO as sent, and breaks on one that is no number', async () => {
    await sandbox.reset('a');
    expect((await sandbox.create({ terNO: 'main' })).json['error_number']).toBe('500');
    await sandbox.reset('b');
    expect((await sandbox.create({ terNO: 'main' })).status).toBe(200);
  });

  it('a: an empty card breaks; b: it counts as none', async () => {
    await sandbox.reset('a');
    expect((await sandbox.create({ ccno: '' })).json['error_number']).toBe('500');
    await sandbox.reset('b');
    expect((await sandbox.create({ ccno: '' })).json['order_status']).toBe('0');
  });

  it('a: does not look at the card of a blocked payer; b: does', async () => {
    const badCard = { bill_email: 'blocked@example.com', ccno: '4111111111111112' };
    await sandbox.reset('a');
    expect((await sandbox.create(badCard)).status).toBe(403);
    await sandbox.reset('b');
    expect((await sandbox.create(badCard)).json['error_number']).toBe('1113');
  });

  it('b: a blocked test card is answered 403 and keeps its test code', async () => {
    await sandbox.reset('b');
    expect((await sandbox.create({ bill_email: 'blocked@example.com' })).status).toBe(403);
    expect(await rows()).toEqual(['25']);
    await sandbox.reset('a');
    await sandbox.create({ bill_email: 'blocked@example.com' });
    expect(await rows()).toEqual(['10']);
  });

  it.each<[GenerationName, string, string]>([
    ['b', '28', 'Transaction is Blocked - Regulatory Violation'],
    ['a', '10', 'Transaction is Blocked'],
  ])('%s: a regulatory rule stores %s', async (generation, code, message) => {
    await sandbox.reset(generation);
    await sandbox.script('POST', '/sandbox/blocklist', {
      field: 'bill_ip',
      value: '203.0.113.7',
      kind: 'regulatory',
    });
    const { json } = await sandbox.create({ ccno: plainCard });
    expect(json['message']).toBe(message);
    expect(await rows()).toEqual([code]);
  });

  it.each<[GenerationName, number, Fields]>([
    ['b', 400, { error_number: '5015' }],
    ['a', 404, { error: 'Connector not found' }],
  ])('%s: a terminal without an acquirer is answered %d', async (generation, status, body) => {
    await sandbox.reset(generation);
    const terminal = { number: 1, public_key: 'no-acquirer', merchant: 'demo', acquirer: null };
    await sandbox.script('POST', '/sandbox/terminals', terminal);
    const answer = await sandbox.create({ public_key: 'no-acquirer' });
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject(body);
    expect(await rows()).toEqual([]);
  });

  it('a: has neither encryption nor its path', async () => {
    await sandbox.reset('a');
    expect((await sandbox.createEncrypted()).status).toBe(404);
    const encrypted_data = `${encryptAes256('bill_amt=1', keys)}${keys.publicKey}`;
    expect((await sandbox.sendForm('/api/s2s', { encrypted_data })).json['error_number']).toBe(
      '1111',
    );
    expect((await sandbox.ask('OPTIONS', '/api/s2s')).status).toBe(405);
  });

  it('b: answers OPTIONS, and lets browsers read replies', async () => {
    await sandbox.reset('b');
    expect((await sandbox.ask('OPTIONS', '/api/s2s')).status).toBe(200);
    expect((await sandbox.create()).headers.get('access-control-allow-origin')).toBe('*');
  });
});

// §2.4 and §2.2, where encryption exists.
describe.each<GenerationName>(['doc', 'b'])(
  'an encrypted create call in generation %s',
  (generation) => {
    beforeEach(() => sandbox.reset(generation));

    it('is the same as a plain one, on either path and as JSON too', async () => {
      expect((await sandbox.createEncrypted()).json['order_status']).toBe('25');
      const inner = new URLSearchParams({ bill_amt: '5', reference: 'ORD-2' }).toString();
      const encrypted_data = encryptAes256(inner, keys) + keys.publicKey;
      expect((await sandbox.sendJson('/api/s2s', { encrypted_data })).json['bill_amt']).toBe('5.0');
      expect(await rows('ORD-2')).toEqual(['0']);
    });

    it('lets inner parameters override outer ones, and the suffix override the public key', async () => {
      const { json } = await sandbox.createEncrypted(
        { bill_amt: '5' },
        { bill_amt: '7', public_key: 'x' },
      );
      expect(json['bill_amt']).toBe('5.0');
    });

    const ciphertext = encryptAes256('bill_amt=1&reference=ORD-1001', keys);
    it.each<[string, string, number, Fields]>([
      [
        'a suffix that no terminal has',
        `${ciphertext}${'x'.repeat(44)}`,
        404,
        { error: 'Terminal not found' },
      ],
      ['text that is not base64', `!!!!${keys.publicKey}`, 400, { error_number: '5001' }],
      [
        'a cut ciphertext',
        `${ciphertext.slice(0, -4)}${keys.publicKey}`,
        400,
        { error_number: '5001' },
      ],
      [
        'data of another terminal',
        `${ciphertext}${siblingKeys.publicKey}`,
        400,
        { error_number: '5001' },
      ],
      [
        'a bad escape inside',
        encryptAes256('bill_amt=%zz', keys) + keys.publicKey,
        400,
        { error_number: '5001' },
      ],
      [
        'no amount inside',
        encryptAes256('reference=ORD-1001', keys) + keys.publicKey,
        400,
        { error_number: '1111' },
      ],
      [
        'an empty amount inside, which vanishes',
        encryptAes256('bill_amt=&a=1', keys) + keys.publicKey,
        400,
        { error_number: '1111' },
      ],
      ['nothing but a public key, which is ignored', keys.publicKey, 400, { error_number: '1111' }],
    ])('refuses %s', async (_case, encrypted_data, status, body) => {
      const answer = await sandbox.sendForm('/api/s2s/encrypt', { encrypted_data });
      expect(answer.status).toBe(status);
      expect(answer.json).toMatchObject(body);
      if (body['error_number'] === '5001')
        expect(answer.json['error_message']).toMatch(/^Error decrypting payload: ./);
      expect(await rows()).toEqual([]);
    });

    it('is not decrypted for a terminal without a private key', async () => {
      const publicKey = 'A'.repeat(43) + '=';
      await sandbox.script('POST', '/sandbox/terminals', {
        number: 3,
        public_key: publicKey,
        merchant: 'demo',
      });
      const answer = await sandbox.sendForm('/api/s2s/encrypt', {
        encrypted_data: ciphertext + publicKey,
      });
      expect(answer.json['error_number']).toBe('1111');
    });

    it('hides the id inside authurl only with encryption_method=aes256', async () => {
      const plain = await sandbox.createEncrypted({ encryption_method: 'none' });
      expect(plain.json['authurl']).toBe(
        `${sandbox.url}/api/authurl/${String(plain.json['transID'])}`,
      );
      const hidden = await sandbox.createEncrypted({ encryption_method: 'aes256' });
      const token = String(hidden.json['authurl']).split('/').at(-1) ?? '';
      expect(token).toMatch(generation === 'doc' ? /^[\w-]{43}=$/ : /^[\w-]{43}$/);
    });
  },
);

describe('a public key of another length', () => {
  it('is found when the sandbox is set to it', async () => {
    const other = await RunningSandbox.start({ publicKeyLength: 43 });
    const publicKey = 'b'.repeat(43);
    const terminal = {
      number: 1,
      public_key: publicKey,
      private_key: keys.privateKey,
      merchant: 'demo',
    };
    await other.script('POST', '/sandbox/terminals', terminal);
    const encrypted_data =
      encryptAes256('bill_amt=1', { publicKey, privateKey: keys.privateKey }) + publicKey;
    const { json } = await other.sendForm('/api/s2s/encrypt', { encrypted_data });
    await other.stop();
    expect(json['order_status']).toBe('0');
  });
});

// §11
describe.each<GenerationName>(['doc', 'b'])('unique_reference in generation %s', (generation) => {
  beforeEach(() => sandbox.reset(generation));
  const unique = { unique_reference: 'Y' };

  it('is off by default: the same reference charges again', async () => {
    await sandbox.create();
    await sandbox.create();
    expect(await rows()).toEqual(['25', '25']);
  });

  it('refuses a second payment with 5012, also from another terminal of the merchant, before its amount is looked at', async () => {
    await sandbox.create(unique);
    for (const fields of [{}, { public_key: siblingKeys.publicKey }, { bill_amt: '' }]) {
      const { status, json } = await sandbox.create({ ...unique, ...fields });
      expect([status, json['error_number']]).toEqual([400, '5012']);
      expect(json['error_message']).toBe('ORD-1001 - Unique reference already exists');
    }
    expect(await rows()).toEqual(['25']);
  });

  it('does not see payments of another merchant', async () => {
    await sandbox.script('POST', '/sandbox/terminals', {
      number: 9,
      public_key: 'other',
      merchant: 'other',
    });
    await sandbox.create({ public_key: 'other' });
    expect((await sandbox.create(unique)).status).toBe(200);
  });

  it.each<[string, Fields]>([
    ['declined', { ccno: '4000000000000002' }],
    ['blocked', { bill_email: 'blocked@example.com', ccno: plainCard }],
  ])('counts a %s payment', async (_case, fields) => {
    await sandbox.create(fields);
    expect((await sandbox.create(unique)).json['error_number']).toBe('5012');
  });

  it('breaks with 500 when two rows share the reference already', async () => {
    await sandbox.create();
    await sandbox.create();
    const { status, json } = await sandbox.create(unique);
    expect(status).toBe(500);
    expect(json).toMatchObject({ status: 'error', message: 'Error Invalid public_key format' });
  });

  it('breaks with 500 without a reference', async () => {
    const answer = await sandbox.sendJson('/api/s2s', {
      ...without(aPayment, 'reference'),
      ...unique,
    });
    expect(answer.status).toBe(500);
  });

  it.each<Fields>([
    { unique_reference: 'y' },
    { unique_reference: true },
    { unique_reference: 'YES' },
  ])('ignores %j', async (fields) => {
    await sandbox.create();
    expect((await sandbox.create(fields)).status).toBe(200);
  });

  it('is ignored inside encrypted_data, and works beside it', async () => {
    await sandbox.createEncrypted();
    expect((await sandbox.createEncrypted(unique)).status).toBe(200);
    await sandbox.reset(generation);
    await sandbox.createEncrypted();
    const beside = await sandbox.createEncrypted({}, { ...unique, reference: 'ORD-1001' });
    expect(beside.json['error_number']).toBe('5012');
  });

  it('tells by a probe without an amount whether a reference exists', async () => {
    const probe = { public_key: keys.publicKey, reference: 'ORD-1001', ...unique };
    expect((await sandbox.sendJson('/api/s2s', probe)).json['error_number']).toBe('1111');
    await sandbox.create();
    expect((await sandbox.sendJson('/api/s2s', probe)).json['error_number']).toBe('5012');
    expect(await rows()).toEqual(['25']);
  });
});

it('unique_reference does not exist in the older server', async () => {
  await sandbox.reset('a');
  await sandbox.create();
  expect((await sandbox.create({ unique_reference: 'Y' })).status).toBe(200);
});
