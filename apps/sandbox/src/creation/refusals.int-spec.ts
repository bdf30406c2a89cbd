// Goal: refusals of the create call follow protocol §1.3 and §3.2 to §3.3: their precedence, and
// whether they leave a row.
import { generationNames } from '../generation/generation.js';
import {
  aPayment,
  plainCard,
  RunningSandbox,
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

  // §3.2, §3.3 in the order of §1.3: each row has one fault less than the one before. None leaves a
  // row.
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
      'an amount that is not a number',
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
    ['a jqp that is not a number', { ...aPayment, jqp: 'x' }, 400, { error_number: '500' }],
    ['a card of five digits', { ...aPayment, ccno: '41111' }, 400, { error_number: '500' }],
    [
      'a card that starts with a letter',
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
  ])('rejects %s and stores nothing', async (_case, fields, status, body) => {
    const answer = await sandbox.sendJson('/api/s2s', fields);
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject(body);
    expect(await rows()).toEqual([]);
  });

  it('rejects invalid JSON with the catch-all error and stores nothing', async () => {
    const init = { headers: { 'content-type': 'application/json' }, body: '{"bill_amt":' };
    const answer = await sandbox.ask('POST', '/api/s2s', init);
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({
      error_number: '500',
      error_message: expect.stringMatching(/^Internal Server Error: /),
    });
  });

  // §3.2 "maybe": these are rejected after the save.
  it.each(['bill_currency', 'product_name'])(
    'fails without %s after the row was saved',
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

  it('answers a blocked payer with 403 and the transID as a bare number, and keeps the row', async () => {
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
  ])('blocks by %s once a rule exists', async (field, fields, value) => {
    await sandbox.script('POST', '/sandbox/blocklist', { field, value });
    expect((await sandbox.create({ ccno: plainCard, ...fields })).status).toBe(403);
  });
});
