// Goal: the control paths work as docs/sandbox.md says, and a ledger file survives a restart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  keys,
  plainCard,
  RunningSandbox,
  siblingKeys,
} from '../testing/running-sandbox.fixture.js';

let sandbox: RunningSandbox;
beforeAll(async () => (sandbox = await RunningSandbox.start({ generation: 'a' })));
afterAll(() => sandbox.stop());

describe('the control paths', () => {
  it('start in the configured generation and switch it at runtime', async () => {
    expect((await sandbox.get('/sandbox/generation')).json).toEqual({ generation: 'a' });
    await sandbox.script('PUT', '/sandbox/generation', { generation: 'doc' });
    expect((await sandbox.get('/sandbox/generation')).json).toEqual({ generation: 'doc' });
  });

  it('list terminals without private keys, and each public key once', async () => {
    await sandbox.reset('b');
    const terminal = {
      number: '43',
      public_key: keys.publicKey,
      private_key: 'another',
      merchant: 'demo',
    };
    await sandbox.script('POST', '/sandbox/terminals', terminal);
    const answer = await sandbox.get('/sandbox/terminals');
    expect(answer.json['data']).toHaveLength(2);
    expect(answer.json['data']).toContainEqual({
      number: '43',
      public_key: keys.publicKey,
      merchant: 'demo',
      acquirer: 100,
    });
    expect(answer.text).not.toContain('another');
  });

  it.each<[string, string, object]>([
    ['POST', '/sandbox/terminals', { number: 42, public_key: 'x' }],
    ['POST', '/sandbox/faults', { fault: 'garbage' }],
    ['POST', '/sandbox/faults', { fault: 'refuse' }],
    ['POST', '/sandbox/faults', { fault: 'no_callback', refusal: '5002' }],
    ['POST', '/sandbox/faults', { fault: 'no_callback', times: 0 }],
    ['POST', '/sandbox/acquirer', { match: { ref: 'x' }, reply: '1' }],
    ['POST', '/sandbox/acquirer', { match: {}, reply: 'approved' }],
    ['POST', '/sandbox/blocklist', { field: 'fullname', value: 'x' }],
    ['POST', '/sandbox/settle', { transID: 'ORD-1', order_status: '1' }],
    ['PUT', '/sandbox/generation', { generation: 'c' }],
  ])('%s %s rejects %j', async (method, path, body) => {
    const answer = await sandbox.sendJson(path, body, method);
    expect([answer.status, answer.json['code']]).toEqual([422, 'validation_failed']);
  });

  it('reject invalid JSON', async () => {
    const init = { headers: { 'content-type': 'application/json' }, body: '{' };
    expect((await sandbox.ask('POST', '/sandbox/faults', init)).status).toBe(400);
  });

  it('show scripts until they are used up or deleted', async () => {
    await sandbox.reset('b');
    await sandbox.script('POST', '/sandbox/faults', { fault: 'garbage_reply', times: 2 });
    await sandbox.script('POST', '/sandbox/acquirer', {
      match: { mop: 'CC' },
      reply: '0',
      times: 2,
    });
    await sandbox.create({ ccno: plainCard });
    expect((await sandbox.get('/sandbox/faults')).json['data']).toMatchObject([
      { fault: 'garbage_reply', times: 1 },
    ]);
    expect((await sandbox.get('/sandbox/acquirer')).json['data']).toMatchObject([
      { reply: '0', times: 1 },
    ]);
    await sandbox.ask('DELETE', '/sandbox/faults');
    await sandbox.ask('DELETE', '/sandbox/acquirer');
    expect((await sandbox.get('/sandbox/faults')).json).toEqual({ data: [] });
    expect((await sandbox.create({ ccno: plainCard })).json['order_status']).toBe('1');
  });

  it('answer a settlement with 404 for an unknown payment and 409 for one without a webhook_url', async () => {
    await sandbox.reset('b');
    const unknown = { transID: '1', order_status: '1' };
    expect((await sandbox.sendJson('/sandbox/settle', unknown)).status).toBe(404);
    const created = await sandbox.sendJson('/api/s2s', {
      public_key: keys.publicKey,
      bill_amt: '1',
    });
    const settle = { transID: String(created.json['transID']), order_status: '1' };
    expect((await sandbox.sendJson('/sandbox/settle', settle)).status).toBe(409);
  });

  it('settle a pending test card as its payer would', async () => {
    await sandbox.reset('b');
    const transID = await sandbox.created({ ccno: '4111111111111111', webhook_url: '' });
    const answer = await sandbox.sendJson('/sandbox/settle', { transID, order_status: 25 });
    expect(answer.json).toMatchObject({ order_status: '25', stored: true });
  });

  it('reset everything but the terminals, and those too on request', async () => {
    await sandbox.reset('b');
    await sandbox.create();
    await sandbox.script('POST', '/sandbox/faults', { fault: 'garbage_reply' });
    expect((await sandbox.ask('DELETE', '/sandbox')).json).toEqual({ reset: true, terminals: 2 });
    expect(await sandbox.ledger('ORD-1001')).toEqual({ data: [], received: [] });
    expect((await sandbox.create()).json['order_status']).toBe('25');
    // The terminal of the reference pages remains, as after a start.
    expect((await sandbox.ask('DELETE', '/sandbox?terminals=true')).json['terminals']).toBe(1);
    expect((await sandbox.create()).json['order_status']).toBe('25');
    const { publicKey: public_key } = siblingKeys;
    expect((await sandbox.create({ public_key })).json['error']).toBe('Terminal not found');
  });

  it('list the whole ledger without a reference', async () => {
    await sandbox.reset('b');
    await sandbox.create();
    await sandbox.create({ reference: 'ORD-2' });
    expect((await sandbox.get('/sandbox/ledger')).json['data']).toMatchObject([
      {
        reference: 'ORD-1001',
        requests: 1,
        merchant: 'demo',
        terNO: '42',
        bill_amt: '11.11',
        bill_currency: 'EUR',
      },
      { reference: 'ORD-2' },
    ]);
  });

  it('are named by the root, each of which exists', async () => {
    const { status, json } = await sandbox.get('/');
    expect(status).toBe(200);
    for (const path of [json['payments'], json['sandbox']].flat() as string[]) {
      const { json: answer } = await sandbox.get(path);
      expect([path, answer['code']]).toEqual([
        path,
        path === '/sandbox/settle' ? 'method_not_allowed' : undefined,
      ]);
    }
  });

  it('coexist with health and metrics', async () => {
    expect((await sandbox.get('/readyz')).status).toBe(200);
    expect((await sandbox.get('/metrics')).text).toContain('quittance_sandbox_webhooks_total');
  });
});

describe('a ledger file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const ledgerFile = join(folder, 'ledger.jsonl');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('restores terminals, payments and received requests after a restart, and is emptied by a reset', async () => {
    const first = await RunningSandbox.start({ ledgerFile });
    await first.reset('b');
    const transId = await first.createdAs(1);
    const before = await first.ledger('ORD-1001');
    await first.stop();

    const second = await RunningSandbox.start({ ledgerFile });
    expect(await second.ledger('ORD-1001')).toEqual(before);
    expect((await second.get(`/api/authurl/s2s/${transId}`)).json['order_status']).toBe('1');
    expect((await second.create({ unique_reference: 'Y' })).json['error_number']).toBe('5012');
    await second.ask('DELETE', '/sandbox');
    await second.stop();

    const third = await RunningSandbox.start({ ledgerFile });
    expect(await third.ledger('ORD-1001')).toEqual({ data: [], received: [] });
    expect((await third.create()).json['order_status']).toBe('25');
    await third.stop();
  });
});
