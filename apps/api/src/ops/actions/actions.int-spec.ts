// Goal: what an operator sees and does through the API is what the CLI shows and does, with one
// audit row for each action, under the operator's name. Method: the running api over real Postgres
// and Redis; the test plays the worker and the browsers.
import { EventPublisher, eventId, subscriberQueue } from '@quittance/events';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { eventually } from '../../../../../test/support/eventually.js';
import type { RequestBody } from '../../../test/a-request.js';
import { type Answer, ApiRig, type TestMerchant } from '../../../test/api-rig.js';
import { TestWorker } from '../../../test/test-worker.js';

let rig: ApiRig;
let merchant: TestMerchant;
let worker: TestWorker;
let ann: string;
let bob: string;
let reader: string;
let count = 0;

beforeAll(async () => {
  rig = await ApiRig.start({
    env: { FOUR_EYES_ABOVE: 'EUR:100.00', FOUR_EYES_BULK_ABOVE: '1' },
  });
  merchant = await rig.addMerchant();
  worker = await TestWorker.start(rig);
  ann = await signedIn((await rig.addOperator('ann')).key);
  bob = await signedIn((await rig.addOperator('bob')).key);
  reader = await signedIn((await rig.addOperator('rita', 'read')).key);
});
afterAll(async () => {
  await worker.stop();
  await rig.stop();
});

async function signedIn(key: string): Promise<string> {
  const headers = { origin: rig.url };
  const answer = await rig.ask('POST', '/v1/ops/session', { body: { key }, headers });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
const get = (path: string, cookie = ann) =>
  rig.ask('GET', `/v1/ops${path}`, { headers: { cookie } });
const post = (path: string, body: RequestBody, cookie = ann): Promise<Answer> =>
  rig.ask('POST', `/v1/ops${path}`, { body, headers: { cookie, origin: rig.url } });

async function aDoubt(amount = '11.11'): Promise<{ id: string; reference: string }> {
  count += 1;
  const reference = `DOUBT-${count}`;
  const id = String((await rig.create(merchant, { reference, amount })).body['id']);
  await worker.open(id);
  await worker.abandon(id);
  return { id, reference };
}
async function audited(id: string): Promise<object[]> {
  const { rows } = await rig.pool.query<object>(
    `SELECT operator, action, why, proposed_by FROM operator_actions WHERE subject_id = $1 ORDER BY number`,
    [id],
  );
  return rows;
}
const statusOf = async (id: string) =>
  (
    await rig.pool.query<{ status: string }>('SELECT status FROM payment_intents WHERE id = $1', [
      id,
    ])
  ).rows[0]?.status;

describe('search', () => {
  it('finds a payment by each of its names', async () => {
    const reference = 'FIND-ME';
    const order_id = 'ORDER-OF-FIND-ME';
    const id = String((await rig.create(merchant, { reference, order_id })).body['id']);
    await worker.open(id);
    const { transId } = await worker.report(id);
    const { key } = merchant;
    const refund = await rig.ask('POST', `/v1/payment-intents/${id}/refunds`, {
      key,
      body: { reference: 'REFUND-OF-IT', amount: '1.00' },
    });
    const refundId = String(refund.body['id']);
    for (const [text, form, matched] of [
      [reference, 'reference', 'reference'],
      [order_id, 'reference', 'order_id'],
      [id, 'payment', 'id'],
      [eventId(id, 2), 'event', 'event'],
      [String(transId), 'transaction', 'trans_id'],
      ['REFUND-OF-IT', 'reference', 'refund'],
      [refundId, 'refund', 'refund'],
      [eventId(refundId, 1), 'event', 'event'],
      ['0026', 'last_four', 'card'],
    ]) {
      const { status, body } = await get(`/search?q=${encodeURIComponent(text ?? '')}`);
      expect({ text, status, form: body['form'] }).toEqual({ text, status: 200, form });
      const data = body['data'] as RequestBody[];
      const found = data.find((one) => one['id'] === id);
      expect({ text, found }).toMatchObject({ text, found: { reference } });
      // A refund's event or id leads to the payment of the refund.
      if (!String(text).startsWith('evt_')) expect(found?.['matched']).toBe(matched);
    }
  });

  it('finds nothing without a fault, and takes no card number', async () => {
    expect((await get('/search?q=NOWHERE')).body).toMatchObject({ data: [] });
    const card = await get('/search?q=4012000033330026');
    expect(card).toMatchObject({ status: 422, body: { errors: [{ code: 'card_number' }] } });
    expect(rig.logged.join()).not.toContain('4012000033330026');
  });
});

it('the story of a payment has everything about it, and what comes next', async () => {
  const { id, reference } = await aDoubt();
  const { status, body } = await get(`/payments/${id}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    payment_intent: { id, reference, status: 'in_doubt' },
    terminal: { name: 'main', lane: 'default' },
    transitions: [
      { sequence: 1, to: 'queued', event: eventId(id, 1) },
      { to: 'submitting' },
      { from: 'submitting', to: 'in_doubt', cause: 'sweeper', event: eventId(id, 3) },
    ],
    attempts: [{ number: 1, outcome: null }],
    doubt: { reason: 'worker_died', meaning: expect.stringContaining('the worker stopped') },
    failed_deliveries: [],
    next_step: { description: expect.stringContaining('Inquiry 1') },
  });
  expect(JSON.stringify(body)).not.toContain('sealed');
});

describe('a doubt', () => {
  it('is listed with its age and evidence, oldest first', async () => {
    const [first, second] = [await aDoubt(), await aDoubt()];
    const { body } = await get('/doubts?limit=100');
    const data = body['data'] as RequestBody[];
    const ids = data.map(({ id }) => id);
    expect(ids.indexOf(first.id)).toBeLessThan(ids.indexOf(second.id));
    expect(data.at(-1)).toMatchObject({
      id: second.id,
      merchant: merchant.id,
      amount: '11.11',
      reason: 'worker_died',
      evidence: { attempt: { outcome: null }, answer: null, callbacks: 0 },
    });
    const page = await get('/doubts?limit=1');
    expect(page.body).toMatchObject({ has_more: true, next: ids[0] });
    const rest = await get(`/doubts?limit=1&after=${String(page.body['next'])}`);
    expect(rest.body).toMatchObject({ data: [{ id: ids[1] }] });
    expect((await get('/doubts?kind=refund')).body).toMatchObject({ data: [] });
  });

  it('ends with evidence, once, under the operator’s name', async () => {
    const { id, reference } = await aDoubt();
    const resolution = { as: 'succeeded', evidence: 'approved in the dashboard' };
    const done = await post(`/payments/${id}/resolve`, resolution);
    expect(done).toMatchObject({
      status: 200,
      body: { done: `${reference} is now succeeded; it was in doubt (worker_died).` },
    });
    expect((await post(`/payments/${id}/resolve`, resolution)).body['done']).toMatch(
      /already resolved as succeeded, by ann/,
    );
    expect(await audited(id)).toEqual([
      { operator: 'ann', action: 'resolve', why: resolution.evidence, proposed_by: null },
    ]);
    const { body } = await get(`/audit?subject=${id}`);
    expect(body['data']).toMatchObject([{ operator: 'ann', action: 'resolve' }]);
  });

  it('above the limit takes two operators', async () => {
    const { id } = await aDoubt('500.00');
    const resolution = { as: 'failed', evidence: 'not in the dashboard' };
    const { body } = await post(`/payments/${id}/resolve`, resolution);
    expect(body['done']).toContain('Proposed; nothing has changed yet.');
    expect(await statusOf(id)).toBe('in_doubt');
    const [, proposal = ''] = /(prp_\w+)/.exec(String(body['done'])) ?? [];
    const list = (await get('/proposals', bob)).body['data'] as RequestBody[];
    expect(list).toMatchObject([
      { id: proposal, action: 'resolve', proposed_by: 'ann', is_yours: false },
    ]);
    const own = await post(`/proposals/${proposal}/approve`, {});
    expect(own).toMatchObject({ status: 409, body: { code: 'action_refused' } });
    const key = await rig.addOpsKey(['ops:read', 'ops:write'], 'machine');
    const machine = await rig.ask('POST', `/v1/ops/proposals/${proposal}/approve`, {
      key,
      body: {},
    });
    expect(machine).toMatchObject({ status: 409, body: { code: 'action_refused' } });
    expect((await post(`/proposals/${proposal}/approve`, {}, bob)).status).toBe(200);
    expect(await statusOf(id)).toBe('failed');
    expect(await audited(id)).toMatchObject([{ operator: 'bob', proposed_by: 'ann' }]);
  });

  it('is not resolved by an ops key where two operators are required', async () => {
    const { id } = await aDoubt('1.00');
    const key = await rig.addOpsKey(['ops:read', 'ops:write'], 'machine');
    const body = { as: 'failed', evidence: 'seen' };
    const answer = await rig.ask('POST', `/v1/ops/payments/${id}/resolve`, { key, body });
    expect(answer).toMatchObject({ status: 409, body: { code: 'action_refused' } });
    expect(await statusOf(id)).toBe('in_doubt');
    expect(await audited(id)).toEqual([]);
  });

  it.each([
    [{ as: 'failed', evidence: 'card 4012000033330026' }, 'evidence'],
    [{ as: 'failed', evidence: ' ' }, 'evidence'],
    [{ as: 'failed', evidence: 'a\nb' }, 'evidence'],
    [{ as: 'failed' }, 'evidence'],
    [{ as: 'in_doubt', evidence: 'seen' }, 'as'],
  ])('does not end with %j', async (body, path) => {
    const { id } = await aDoubt();
    const answer = await post(`/payments/${id}/resolve`, body);
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });

  it('is inquired about now, with an audit row', async () => {
    const { id } = await aDoubt();
    await rig.pool.query('UPDATE payment_intents SET trans_id = $2, gateway = $3 WHERE id = $1', [
      id,
      `9${id.length}${Date.now()}`,
      'http://127.0.0.1:9',
    ]);
    await rig.pool.query(
      `UPDATE payment_intents SET next_step_at = now() + interval '1 day' WHERE id = $1`,
      [id],
    );
    const { status, body } = await post(`/payments/${id}/inquire`, { why: 'the payer called' });
    expect({ status, body }).toMatchObject({ status: 200, body: { done: /due now/ } });
    expect(
      await rig.count(
        'SELECT count(*) FROM payment_intents WHERE id = $1 AND next_step_at <= now() AND asks = 1',
        [id],
      ),
    ).toBe(1);
    expect(await audited(id)).toEqual([
      { operator: 'ann', action: 'inquire', why: 'the payer called', proposed_by: null },
    ]);
  });

  it('without a way to ask says so, and changes nothing', async () => {
    const { id } = await aDoubt();
    const answer = await post(`/payments/${id}/inquire`, {});
    expect(answer).toMatchObject({ status: 409, body: { code: 'action_refused' } });
    expect(answer.body['detail']).toContain('allows no other inquiry');
    expect(await audited(id)).toEqual([]);
  });
});

describe('an operator who may only read', () => {
  it.each(['resolve', 'inquire'])('sees everything and may not %s', async (action) => {
    const { id } = await aDoubt();
    expect((await get(`/payments/${id}`, reader)).status).toBe(200);
    const answer = await post(`/payments/${id}/${action}`, {}, reader);
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await audited(id)).toEqual([]);
  });
});

it('an action waits for no operator who was revoked meanwhile', async () => {
  const { id: operatorId, key } = await rig.addOperator('gone');
  const cookie = await signedIn(key);
  const { id } = await aDoubt();
  await rig.pool.query('DELETE FROM operator_sessions WHERE operator_id = $1', [operatorId]);
  const answer = await post(`/payments/${id}/resolve`, { as: 'failed', evidence: 'x' }, cookie);
  expect(answer.status).toBe(401);
});

describe('events', () => {
  it('that a subscriber failed to process are listed and replayed, with two operators for many', async () => {
    const connection = new Redis(rig.redis.url, { maxRetriesPerRequest: null });
    const { prefix } = rig.redis;
    const publisher = new EventPublisher({ connection, prefix, subscribers: ['orders'] });
    await publisher.close();
    const queue = new Queue(subscriberQueue('orders'), { connection, prefix });
    await queue.waitUntilReady();
    const { body } = await get('/events/subscribers');
    expect(body['data']).toMatchObject([{ name: 'orders', retrying: 0, failed: 0, processes: 0 }]);
    expect((await get('/events/failed')).body).toEqual({ data: [] });
    const none = await post('/events/replay', { id: 'orders/0' });
    expect(none).toMatchObject({ status: 409, body: { code: 'action_refused' } });
    expect((await post('/events/replay', { all: true })).body).toMatchObject({ replayed: 0 });
    expect((await post('/events/replay', {})).status).toBe(422);
    await queue.close();
    await connection.quit();
  });

  it('of a time are counted, and replayed by the worker once two operators want it', async () => {
    const { id } = await aDoubt();
    const from = eventId(id, 1);
    const counted = await get(`/events/count?from=${from}`, reader);
    expect(counted).toMatchObject({ status: 200, body: { events: 3, is_more: false } });
    const { body } = counted;
    const time = { from: body['from'], until: body['until'] };
    const proposed = await post('/events/replay', { ...time, why: 'their database was restored' });
    expect(proposed.body).toMatchObject({ replayed: 0, done: expect.stringContaining('prp_') });
    expect((await get('/events/replays')).body).toEqual({ data: [] });
    const proposal = /prp_\w+/.exec(String(proposed.body['done']))?.[0] ?? '';
    const approved = await post(`/proposals/${proposal}/approve`, {}, bob);
    expect(approved.body['done']).toMatch(/^3 events will be on every subscriber’s queue again/);
    const listed = { subscriber: null, events: 0, requested_by: 'bob', ended_at: null, ...time };
    expect((await get('/events/replays')).body).toMatchObject({ data: [listed] });
    expect(await audited(`*/${String(time.from)}..${String(time.until)}`)).toEqual([
      {
        operator: 'bob',
        action: 'events replay',
        why: 'their database was restored',
        proposed_by: 'ann',
      },
    ]);
  });

  it('of a small time are replayed to one subscriber by one operator', async () => {
    const { id } = await aDoubt();
    const answer = await post('/events/replay', { from: eventId(id, 3), subscriber: 'orders' });
    expect(answer.body).toMatchObject({ replayed: 1, done: /^1 event will be on orders’s queue/ });
    const none = { from: '2020-01-01', until: '2020-01-02T00:00:00Z' };
    expect((await post('/events/replay', none)).body).toMatchObject({ replayed: 0 });
  });

  it.each([
    ['from=yesterday', 'has the form'],
    ['from=evt_0_1', 'There is no event evt_0_1'],
    ['from=2026-01-02&until=2026-01-01', 'not before the end'],
    ['from=2026-01-02&until=2999-01-01', 'in the future'],
    ['from=0000-13-01', 'has the form'],
  ])('of no time are not counted: %s', async (query, words) => {
    const answer = await get(`/events/count?${query}`);
    expect(answer).toMatchObject({ status: 409, body: { code: 'action_refused' } });
    expect(answer.body['detail']).toContain(words);
  });

  it.each([{ all: true, from: '2026-01-01' }, { until: '2026-01-01', all: true }, {}])(
    'are not replayed by %j',
    async (body) => expect((await post('/events/replay', body)).status).toBe(422),
  );

  it('are unavailable without Redis, and the story says that it does not know', async () => {
    const { id } = await aDoubt();
    await rig.toRedis.cut();
    expect((await get('/events/failed')).status).toBe(503);
    expect((await post('/events/replay', { all: true })).status).toBe(503);
    expect((await get(`/payments/${id}`)).body['failed_deliveries']).toBeNull();
    await eventually(async () => {
      expect((await get('/health')).body).toMatchObject({
        grade: 'bad',
        work: { reason: expect.stringContaining('Redis is unavailable') },
        data: { sentence: expect.stringContaining('the queues cannot be seen') },
      });
    });
    await rig.toRedis.mend();
  });
});
