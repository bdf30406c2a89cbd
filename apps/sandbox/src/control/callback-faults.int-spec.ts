// Goal: the scripted faults of callbacks reach the receiver.
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

function settle(transId: string, orderStatus: string): Promise<Answer> {
  return sandbox.sendJson('/sandbox/settle', { transID: transId, order_status: orderStatus });
}

function pending(fields: Fields = {}): Promise<string> {
  return sandbox.created({ mop: 'WALLET', ccno: plainCard, webhook_url: merchant.url, ...fields });
}

describe('a fault of a callback', () => {
  const statuses = (): unknown[] => merchant.bodies.map((body) => body['order_status']);

  it('no_callback drops it, although its time is recorded', async () => {
    await fault('no_callback', { match: { reference: 'ORD-1001' } });
    const { json } = await settle(await pending(), '1');
    expect(json).toMatchObject({ stored: true, webhook_notify_time: expect.any(String) });
    await settle(await pending({ reference: 'ORD-2' }), '1');
    expect(merchant.bodies).toMatchObject([{ reference: 'ORD-2' }]);
  });

  it('duplicate_callback sends it twice', async () => {
    await fault('duplicate_callback');
    await settle(await pending(), '1');
    expect(merchant.bodies).toHaveLength(2);
    expect(merchant.bodies[0]).toEqual(merchant.bodies[1]);
  });

  it('late_callback_ms sends it after the response', async () => {
    await fault('late_callback_ms', { ms: 30 });
    await settle(await pending(), '1');
    expect(merchant.received).toEqual([]);
    await merchant.count(1);
    expect(statuses()).toEqual(['1']);
  });

  it('reordered_callbacks sends it after the payment’s next one', async () => {
    await fault('reordered_callbacks');
    const transId = await pending();
    await settle(transId, '22');
    await settle(transId, '1');
    expect(statuses()).toEqual(['1', '22']);
  });

  it('reordered_callbacks sends it eventually when no other one follows', async () => {
    await fault('reordered_callbacks');
    await settle(await pending(), '1');
    await merchant.count(1);
    expect(statuses()).toEqual(['1']);
  });

  it.each<[string, string, string]>([
    ['wrong_amount', 'bill_amt', '12.11'],
    ['wrong_reference', 'reference', 'ORD-1001-OTHER'],
    ['unreadable_amount', 'bill_amt', '1,11.11'],
    ['unreadable_reference', 'reference', 'ORD-1001\u200B'],
  ])('%s on callback changes only the callback', async (name, field, value) => {
    await fault(name, { on: 'callback' });
    const { json } = await settle(await pending(), '1');
    expect(merchant.bodies[0]?.[field]).toBe(value);
    expect(json[field]).not.toBe(value);
  });
});
