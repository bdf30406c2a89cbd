// Goal: the create call differs between the gateway's generations as documented (protocol §1.2,
// §3.1, §3.3).
import { encryptAes256 } from '@quittance/gateway-protocol';
import { type GenerationName } from '../generation/generation.js';
import {
  keys,
  plainCard,
  RunningSandbox,
  type Fields,
} from '../testing/running-sandbox.fixture.js';

let sandbox: RunningSandbox;
beforeAll(async () => (sandbox = await RunningSandbox.start()));
afterAll(() => sandbox.stop());

async function rows(reference = 'ORD-1001'): Promise<string[]> {
  return (await sandbox.ledger(reference)).data.map((row) => row.order_status);
}

// §3.1: the fields of a success, generation by generation.
describe('a successful reply', () => {
  const common = { bill_amt: '11.11', bill_currency: 'EUR', reference: 'ORD-1001' };
  const wide = { rrn: null, upa: 'null' };

  it.each<[GenerationName, Fields, RegExp]>([
    ['doc', { mop: 'Visa', ccno: '401200XXXXXX0026', authdata: 'null' }, /\.000\d{3}$/],
    ['a', { ...wide, mop: 'Visa', ccno: '401200XXXXXX0026', authdata: 'null' }, /\.000\d{3}$/],
    ['b', { ...wide, mop: 'CC', ccno: '4012****0026' }, /\.\d{3}000$/],
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
    expect(Object.keys(json).toSorted()).toEqual([
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

describe('behaviour of a single generation', () => {
  it('a: stores terNO as sent, and fails when it is not a number', async () => {
    await sandbox.reset('a');
    expect((await sandbox.create({ terNO: 'main' })).json['error_number']).toBe('500');
    await sandbox.reset('b');
    expect((await sandbox.create({ terNO: 'main' })).status).toBe(200);
  });

  it('a: an empty card is an error; b: it counts as no card', async () => {
    await sandbox.reset('a');
    expect((await sandbox.create({ ccno: '' })).json['error_number']).toBe('500');
    await sandbox.reset('b');
    expect((await sandbox.create({ ccno: '' })).json['order_status']).toBe('0');
  });

  it('a: ignores the card of a blocked payer; b: checks it', async () => {
    const badCard = { bill_email: 'blocked@example.com', ccno: '4111111111111112' };
    await sandbox.reset('a');
    expect((await sandbox.create(badCard)).status).toBe(403);
    await sandbox.reset('b');
    expect((await sandbox.create(badCard)).json['error_number']).toBe('1113');
  });

  it('b: a blocked test card gets a 403 and keeps its test code', async () => {
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
  ])('%s: a terminal without an acquirer gets a %d', async (generation, status, body) => {
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

  it('b: answers OPTIONS and allows browsers to read replies', async () => {
    await sandbox.reset('b');
    expect((await sandbox.ask('OPTIONS', '/api/s2s')).status).toBe(200);
    expect((await sandbox.create()).headers.get('access-control-allow-origin')).toBe('*');
  });
});
