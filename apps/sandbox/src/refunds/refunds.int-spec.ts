// Goal: refund requests and the back office follow protocol §8, and the dashboard's paths follow
// §0.
import { generationNames, type GenerationName } from '../generation/generation.js';
import {
  plainCard,
  RunningSandbox,
  type Answer,
  type Fields,
} from '../testing/running-sandbox.fixture.js';

const path = '/api/transactions/refund-request';
const unknownId = '100000000000000001';

let sandbox: RunningSandbox;
beforeAll(async () => (sandbox = await RunningSandbox.start()));
afterAll(() => sandbox.stop());

function refund(transID: string, refundAmount: string | number = '11.11'): Promise<Answer> {
  return sandbox.sendJson(path, { transID, refundAmount, refundReason: 'asked' });
}

async function statusOf(transId: string): Promise<unknown> {
  return (await sandbox.get(`/api/authurl/s2s/${transId}`)).json['order_status'];
}

describe.each(generationNames)('a refund request in generation %s', (generation) => {
  beforeEach(() => sandbox.reset(generation));

  // In the order of the gateway's checks; each row has one fault less than the one before.
  it.each<[string, Fields, number, string | RegExp]>([
    ['no transID', { refundAmount: '1' }, 500, /./],
    [
      'a transID that is not a number',
      { transID: 'ORD-1' },
      400,
      'Invalid number format in request',
    ],
    ['an unknown transID', { transID: unknownId }, 404, ''],
  ])('with %s is rejected', async (_case, fields, status, text) => {
    const answer = await sandbox.sendJson(path, fields);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(typeof text === 'string' ? new RegExp(`^${text}$`) : text);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  });

  it('without an amount is rejected in raw text, even after a refund', async () => {
    const transID = await sandbox.createdAs(8);
    const answer = await sandbox.sendJson(path, { transID });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      400,
      'text/plain;charset=UTF-8',
    ]);
  });

  it.each([
    [8, /already in Refund Request Processed$/],
    [7, /already in Refund Request Processed$/],
    [0, /not a successful transaction$/],
    [2, /not a successful transaction$/],
    [25, /not a successful transaction$/],
  ])(
    'for a payment in %d gets a 200 with a refusal, before its amount is checked',
    async (code, message) => {
      const transId = await sandbox.createdAs(code);
      const answer = await refund(transId, '99999');
      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({
        transID: transId,
        order_status: String(code),
        message: expect.stringMatching(message),
      });
      expect(await statusOf(transId)).toBe(String(code));
    },
  );

  it.each(['0', '-1', '0.004', '11.12', '11.115', 'NaN', 'Infinity', 'ten'])(
    'with the amount %j is rejected in raw text',
    async (amount) => {
      const transId = await sandbox.created({ ccno: plainCard });
      const answer = await refund(transId, amount);
      expect([answer.status, answer.json]).toEqual([400, {}]);
      expect(await statusOf(transId)).toBe('1');
    },
  );

  it.each(['11.11', 11.11, '11.114', '0.005', 5])(
    'with the amount %j is accepted',
    async (amount) => {
      const transId = await sandbox.created({ ccno: plainCard });
      const answer = await refund(transId, amount);
      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({
        transID: transId,
        order_status: '8',
        status: 'Request Processed',
      });
      expect(await statusOf(transId)).toBe('8');
    },
  );

  it('reads a transID that is a bare number beyond 2^53', async () => {
    const transId = await sandbox.created({ ccno: plainCard });
    const init = {
      headers: { 'content-type': 'application/json' },
      body: `{"transID":${transId},"refundAmount":1}`,
    };
    expect((await sandbox.ask('POST', path, init)).json['order_status']).toBe('8');
  });

  it('needs no credentials and is accepted once, even for a partial amount', async () => {
    const transId = await sandbox.created({ ccno: plainCard });
    await refund(transId, '5.00');
    expect((await refund(transId, '5.00')).json['message']).toMatch(/already/);
  });
});

describe('the reply to an accepted refund', () => {
  it.each<[GenerationName, Fields]>([
    ['doc', { message: 'Request Processed', bill_amt: 11.11, response: 'Payment successful' }],
    ['a', { bill_amt: '11.11', response: 'Payment successful' }],
    [
      'b',
      {
        bill_amt: '11.11',
        response: 'Partial Refund Request Processed from ip 127.0.0.1 Amount 5.0',
      },
    ],
  ])('of generation %s', async (generation, fields) => {
    await sandbox.reset(generation);
    const { json } = await refund(await sandbox.created({ ccno: plainCard }), '5.00');
    expect(json).toMatchObject(fields);
    expect('message' in json).toBe(generation === 'doc');
    expect(json['tdate']).toMatch(generation === 'doc' ? /^\S+ \d\d:\d\d:\d\d$/ : /\.\d{6}$/);
  });
});

describe('the back office', () => {
  it.each<[string, string, string, GenerationName]>([
    ['refund-accept', '3', 'Refunded', 'a'],
    ['refund-accept', '3', 'Refunded', 'b'],
    ['chargeback', '5', 'Chargeback', 'b'],
    ['predisput', '11', 'Predispute', 'b'],
  ])(
    '%s changes the payment to 7 and adds a row with code %s',
    async (act, code, text, generation) => {
      await sandbox.reset(generation);
      const transId = await sandbox.created({ ccno: plainCard });
      if (act === 'refund-accept') await refund(transId, '5.00');
      const answer = await sandbox.sendJson(`/api/transactions/${act}`, { transID: transId });
      expect(answer.status).toBe(200);
      const { data } = await sandbox.ledger('ORD-1001');
      expect(data).toMatchObject([
        { transID: transId, order_status: '7', charged: true, bill_amt: '11.11' },
        { order_status: code, charged: false, bill_amt: '-11.11', parent_transID: transId },
      ]);
      const child = await sandbox.get(`/api/authurl/s2s/${data[1]?.transID}`);
      expect(child.json).toMatchObject({ order_status: code, status: text, reference: 'ORD-1001' });
    },
  );

  it('does not accept a refund without a request', async () => {
    await sandbox.reset('b');
    const transId = await sandbox.created({ ccno: plainCard });
    expect(
      (await sandbox.sendJson('/api/transactions/refund-accept', { transID: transId })).status,
    ).toBe(400);
    expect(await statusOf(transId)).toBe('1');
  });

  it.each(['chargeback', 'predisput'])('has no %s in the older server', async (act) => {
    await sandbox.reset('a');
    const transID = await sandbox.created({ ccno: plainCard });
    expect((await sandbox.sendJson(`/api/transactions/${act}`, { transID })).status).toBe(404);
  });

  it('makes a unique reference ambiguous through the refund row', async () => {
    await sandbox.reset('b');
    const unique = { ccno: plainCard, unique_reference: 'Y' };
    const transId = await sandbox.created(unique);
    await sandbox.sendJson('/api/transactions/chargeback', { transID: transId });
    expect((await sandbox.create(unique)).status).toBe(500);
  });
});

describe('the dashboard', () => {
  it.each<[GenerationName, boolean]>([
    ['a', true],
    ['b', false],
  ])('of generation %s answers a search with a list: %s', async (generation, isList) => {
    await sandbox.reset(generation);
    const transId = await sandbox.created();
    await sandbox.created({ reference: 'ORD-OTHER' });
    const answer = await sandbox.get(
      '/api/transactions/search?reference=ORD-1001&merchantID=demo&status=25',
    );
    const found = isList ? answer.json : answer.json['content'];
    expect(found).toMatchObject([
      { transID: transId, reference: 'ORD-1001', transactionStatus: 25 },
    ]);
    expect(answer.json['totalElements']).toBe(isList ? undefined : 1);
  });

  it('omits rows that do not match', async () => {
    await sandbox.reset('a');
    await sandbox.created();
    for (const query of ['reference=X', 'merchantID=other', 'status=1']) {
      expect((await sandbox.get(`/api/transactions/search?${query}`)).json).toEqual([]);
    }
  });

  it('shows a raw row, and nothing for an unknown one', async () => {
    await sandbox.reset('b');
    const transId = await sandbox.created();
    expect((await sandbox.get(`/api/transactions/${transId}`)).json).toMatchObject({
      transID: transId,
      billAmount: 11.11,
    });
    expect((await sandbox.get(`/api/transactions/${unknownId}`)).status).toBe(404);
  });
});
