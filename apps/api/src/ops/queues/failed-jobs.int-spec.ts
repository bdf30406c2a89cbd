// Goal: an operator retries or discards all failed jobs that were counted, no others, with one
// audit row; what belongs to a publisher, or needs a second operator, stays. Method: the running
// api over real Postgres and Redis; the test fails jobs as a worker would.
import { eventId, subscriberQueue } from '@quittance/events';
import { newId } from '@quittance/platform';
import { INTENTS_QUEUE, queueOf } from '@quittance/queues';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { RequestBody } from '../../../test/a-request.js';
import { ApiRig } from '../../../test/api-rig.js';
import { eventually } from '../../../../../test/support/eventually.js';

const INQUIRY = queueOf('payment.inquire.v1');
const EVENTS = subscriberQueue('orders');
let rig: ApiRig;
let redis: Redis;
let ann: string;
let reader: string;

beforeAll(async () => {
  rig = await ApiRig.start({ env: { FOUR_EYES_BULK_ABOVE: '1' } });
  redis = new Redis(rig.redis.url, { maxRetriesPerRequest: null });
  ann = await signedIn((await rig.addOperator('ann')).key);
  reader = await signedIn((await rig.addOperator('rita', 'read')).key);
});
afterAll(async () => {
  await redis.quit();
  await rig.stop();
});

async function signedIn(key: string): Promise<string> {
  const headers = { origin: rig.url };
  const answer = await rig.ask('POST', '/v1/ops/session', { body: { key }, headers });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
const get = (path: string, cookie = reader) =>
  rig.ask('GET', `/v1/ops/queues${path}`, { headers: { cookie } });
const post = (path: string, body: RequestBody, cookie = ann) =>
  rig.ask('POST', `/v1/ops/queues${path}`, { body, headers: { cookie, origin: rig.url } });
const audited = async () =>
  (
    await rig.pool.query(
      `SELECT action, operator, subject_id, why, before, after FROM operator_actions ORDER BY number DESC LIMIT 1`,
    )
  ).rows[0];

/** Lets jobs fail for good, all for the same reason. */
async function fail(name: string, payloads: readonly object[], reason: string): Promise<void> {
  const options = { connection: redis, prefix: rig.redis.prefix };
  const queue = new Queue(name, options);
  const before = await queue.getFailedCount();
  for (const payload of payloads) await queue.add('payment.inquire.v1', payload);
  const refuse = () => Promise.reject(new UnrecoverableError(reason));
  const worker = new Worker(name, refuse, options);
  await eventually(async () => {
    expect(await queue.getFailedCount()).toBe(before + payloads.length);
  });
  await worker.close();
  await queue.close();
}
const payments = (count: number) =>
  Array.from({ length: count }, () => ({ paymentId: newId('pi') }));
async function counted(name: string, reason?: string): Promise<RequestBody> {
  const query = reason === undefined ? '' : `?reason=${encodeURIComponent(reason)}`;
  const { status, body } = await get(`/${name}/failed${query}`);
  expect(status).toBe(200);
  return { reason, count: body['matches'], until: body['until'] };
}

it('lists the queues', async () => {
  const { body } = await get('');
  const names = (body['data'] as RequestBody[]).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining([INTENTS_QUEUE, INQUIRY, EVENTS]));
});

it('retries what was counted, with an audit row, and nothing when repeated', async () => {
  const [first, ...others] = payments(3);
  await fail(INQUIRY, [first!, ...others], 'Error: no key 4012000033330026');
  await fail(INQUIRY, payments(2), 'Error: other');
  const { body } = await get(`/${INQUIRY}/failed?limit=1`);
  expect(body).toMatchObject({
    total: 5,
    reasons: [
      { reason: 'Error: no key …', count: 3 },
      { reason: 'Error: other', count: 2 },
    ],
    data: [{ reason: 'Error: no key …', subjects: [first!.paymentId] }],
  });
  expect(JSON.stringify(body)).not.toContain('4012');

  const confirmed = await counted(INQUIRY, 'Error: no key …');
  expect(confirmed['count']).toBe(3);
  const done = await post(`/${INQUIRY}/failed/retry`, { ...confirmed, why: 'the key is back' });
  expect(done).toMatchObject({ status: 200, body: { changed: 3 } });
  expect(await audited()).toMatchObject({
    action: 'queues retry',
    operator: 'ann',
    subject_id: INQUIRY,
    why: 'the key is back',
    before: { failed: 3 },
    after: { reason: 'Error: no key …' },
  });
  const row = await audited();
  expect((await post(`/${INQUIRY}/failed/retry`, confirmed)).body).toMatchObject({ changed: 0 });
  expect(await audited()).toEqual(row);
  expect(await counted(INQUIRY)).toMatchObject({ count: 2 });
});

it('discards what was counted, and changes nothing if more match', async () => {
  const confirmed = await counted(INQUIRY);
  const fewer = { ...confirmed, count: 1 };
  const refused = await post(`/${INQUIRY}/failed/discard`, fewer);
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'action_refused', detail: '2 jobs match now, and 1 were counted. Count again.' },
  });
  expect((await post(`/${INQUIRY}/failed/discard`, confirmed)).body).toMatchObject({ changed: 2 });
  expect(await audited()).toMatchObject({ action: 'queues discard', before: { failed: 2 } });
  expect((await get(`/${INQUIRY}/failed`)).body).toMatchObject({ total: 0, until: null });
});

it('leaves the events of several entries to a second operator', async () => {
  const events = () => ({ events: [{ id: eventId(newId('pi'), 1) }] });
  await fail(EVENTS, [events(), events()], 'Error: no such order');
  const confirmed = await counted(EVENTS);
  for (const action of ['retry', 'discard']) {
    const { status, body } = await post(`/${EVENTS}/failed/${action}`, confirmed);
    expect([status, body['detail']]).toEqual([409, expect.stringContaining('events replay')]);
  }
  expect((await get(`/${EVENTS}/failed`)).body).toMatchObject({
    total: 2,
    data: [{ subjects: [expect.stringMatching(/^evt_/)] }, {}],
  });
});

it('shows nothing that a publisher chose, and leaves it to the publisher', async () => {
  await fail(INTENTS_QUEUE, [{ reference: 'SECRET-7' }], '{"code":"invalid_request"}');
  const { body } = await get(`/${INTENTS_QUEUE}/failed`);
  expect(body).toMatchObject({ total: 1, data: [{ id: null, name: null, subjects: [] }] });
  expect(JSON.stringify(body)).not.toContain('SECRET');
  const refused = await post(`/${INTENTS_QUEUE}/failed/retry`, await counted(INTENTS_QUEUE));
  expect(refused).toMatchObject({ status: 409 });
});

it.each<[string, RequestBody, number]>([
  ['/other/failed/retry', { count: 1, until: '2026-11-28T10:00:00Z' }, 404],
  [`/${INQUIRY}/failed/retry`, { count: 1 }, 422],
  [`/${INQUIRY}/failed/discard`, { count: -1, until: '2026-11-28T10:00:00Z' }, 422],
])('refuses %s with %j', async (path, body, status) => {
  expect((await post(path, body)).status).toBe(status);
});

it('lets a reader change nothing', async () => {
  const body = { count: 1, until: '2026-11-28T10:00:00Z' };
  expect((await post(`/${INQUIRY}/failed/retry`, body, reader)).status).toBe(403);
  expect((await get('/other/failed')).status).toBe(404);
});
