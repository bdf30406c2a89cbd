// Goal: scripted faults of replies have the documented effect on the client and on the gateway's
// ledger. Method: real sockets.
import {
  plainCard,
  RunningSandbox,
  type Answer,
  type Fields,
} from '../testing/running-sandbox.fixture.js';
import { WebhookReceiver } from '../testing/webhook-receiver.fixture.js';

let sandbox: RunningSandbox;
let merchant: WebhookReceiver;
beforeAll(async () => {
  sandbox = await RunningSandbox.start();
  merchant = await WebhookReceiver.start();
});
afterAll(async () => {
  await sandbox.stop();
  await merchant.stop();
});
beforeEach(async () => {
  await sandbox.reset('b');
  merchant.clear();
});

function fault(name: string, more: object = {}): Promise<Answer> {
  return sandbox.script('POST', '/sandbox/faults', { fault: name, ...more });
}

function lookUp(transId: string): Promise<Answer> {
  return sandbox.get(`/api/authurl/s2s/${transId}`);
}

function pending(fields: Fields = {}): Promise<string> {
  return sandbox.created({ mop: 'WALLET', ccno: plainCard, webhook_url: merchant.url, ...fields });
}

describe('a fault of a create call', () => {
  it.each<[string, number]>([
    ['drop_before_processing', 0],
    ['drop_after_processing', 1],
    ['truncate_reply', 1],
  ])('%s ends the connection, with %d rows stored and one request counted', async (name, rows) => {
    await fault(name);
    await expect(sandbox.create()).rejects.toThrow();
    const { data, received } = await sandbox.ledger('ORD-1001');
    expect([data.length, received.length]).toEqual([rows, 1]);
    expect((await sandbox.create({ reference: 'ORD-2' })).status).toBe(200);
  });

  it('status_500_after_processing hides what was charged', async () => {
    await fault('status_500_after_processing');
    const { status, json } = await sandbox.create();
    expect(status).toBe(500);
    expect(json).toMatchObject({ status: 'error', message: 'Error processing connector' });
    expect((await sandbox.ledger('ORD-1001')).data).toMatchObject([{ charged: true }]);
  });

  it('garbage_reply is a 200 that is not JSON', async () => {
    await fault('garbage_reply');
    const answer = await sandbox.create();
    expect([answer.status, answer.json]).toEqual([200, {}]);
    expect(answer.text).not.toBe('');
    expect((await sandbox.ledger('ORD-1001')).data).toHaveLength(1);
  });

  it('delay_ms delays the reply after creating the payment', async () => {
    await fault('delay_ms', { ms: 150 });
    const before = performance.now();
    const answer = sandbox.create();
    while ((await sandbox.ledger('ORD-1001')).data.length === 0);
    expect((await answer).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(140);
  });

  it.each<[string, string, string]>([
    ['wrong_amount', 'bill_amt', '12.11'],
    ['wrong_reference', 'reference', 'ORD-1001-OTHER'],
    ['unreadable_amount', 'bill_amt', '1,11.11'],
    ['unreadable_reference', 'reference', 'ORD-1001\u200B'],
  ])('%s reports something else than the stored value', async (name, field, value) => {
    await fault(name);
    const { json } = await sandbox.create();
    expect(json[field]).toBe(value);
    expect((await lookUp(String(json['transID']))).json).toMatchObject({
      bill_amt: '11.11',
      reference: 'ORD-1001',
    });
  });

  it.each<[string, number, Fields, number]>([
    ['5002', 400, { error_number: '5002' }, 0],
    ['5003', 400, { error_number: '5003' }, 0],
    ['5005', 400, { error_number: '5005' }, 0],
    ['5007', 400, { error_number: '5007' }, 0],
    ['5008', 400, { error_number: '5008' }, 0],
    ['5012', 400, { error_number: '5012' }, 0],
    ['ownReference', 400, { error_number: '5012' }, 1],
    ['5015', 400, { error_number: '5015' }, 0],
    ['connectorNotFound', 404, { error: 'Connector not found' }, 0],
    ['conversionError', 400, { error: 'Error in conversion result: null' }, 0],
    ['blacklistError', 400, { error: 'Error parsing blacklist: Unexpected character' }, 0],
    ['connectorClassMissing', 404, { status: 'error', message: 'Connector not found: 100' }, 1],
    ['catchAll', 400, { error_number: '500', status: 'Error' }, 1],
  ])('refuse %s returns %d and stores %#', async (refusal, status, body, rows) => {
    await fault('refuse', { refusal });
    const answer = await sandbox.create();
    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject(body);
    expect((await sandbox.ledger('ORD-1001')).data).toHaveLength(rows);
  });

  it('matches an encrypted reference', async () => {
    await fault('drop_before_processing', { match: { reference: 'ORD-HIT' } });
    expect((await sandbox.createEncrypted({ reference: 'ORD-MISS' })).status).toBe(200);
    await expect(sandbox.createEncrypted({ reference: 'ORD-HIT' })).rejects.toThrow();
    expect((await sandbox.ledger('ORD-HIT')).received).toHaveLength(1);
  });

  it('matches by path, as often as scripted', async () => {
    await fault('garbage_reply', { match: { path: '/api/authurl/s2s' }, times: 2 });
    const transId = await sandbox.created();
    const texts = [await lookUp(transId), await lookUp(transId), await lookUp(transId)].map(
      ({ json }) => 'transID' in json,
    );
    expect(texts).toEqual([false, false, true]);
  });

  it('applies in the order of the scripts, one per request', async () => {
    await fault('status_500_after_processing');
    await fault('garbage_reply');
    const statuses = [await sandbox.create(), await sandbox.create(), await sandbox.create()].map(
      ({ status, json }) => [status, 'transID' in json],
    );
    expect(statuses).toEqual([
      [500, false],
      [200, false],
      [200, true],
    ]);
  });
});

describe('a fault of an inquiry', () => {
  it('empty_on_inquiry denies the payment, once', async () => {
    const transId = await sandbox.created();
    await fault('empty_on_inquiry', { match: { reference: 'ORD-1001' } });
    expect((await lookUp(transId)).text).toBe('{}');
    expect((await lookUp(transId)).json['transID']).toBe(transId);
  });

  it('somebody_else_on_inquiry answers with another payment, or with an invented one if there is none', async () => {
    const transId = await sandbox.created();
    await fault('somebody_else_on_inquiry', { times: 2 });
    expect((await lookUp(transId)).json).toMatchObject({
      transID: expect.not.stringMatching(transId),
      reference: 'OTHER-PAYMENT',
    });
    const other = await sandbox.created({ reference: 'ORD-2' });
    expect((await lookUp(transId)).json['transID']).toBe(other);
  });

  it('is not used up by a create call', async () => {
    await fault('empty_on_inquiry');
    const transId = await sandbox.created();
    expect((await lookUp(transId)).text).toBe('{}');
  });

  it('status_not_stored returns a code that the row does not have', async () => {
    const transId = await pending();
    await fault('status_not_stored', { order_status: '2' });
    const path = `/api/status/s2s/transid/${transId}`;
    expect((await sandbox.ask('POST', path)).json).toMatchObject({
      order_status: '2',
      status: 'Declined',
    });
    expect((await lookUp(transId)).json['order_status']).toBe('0');
    expect((await sandbox.ask('POST', path)).json['order_status']).toBe('0');
    expect(merchant.received).toEqual([]);
  });
});
