// Goal: an operator sees what holds a lane back, and pauses, resumes and limits it with one audit
// row for each change. Method: the running api over real Postgres and Redis; the test plays the
// workers by writing their heartbeats.
import { newId } from '@quittance/platform';
import { LaneHeartbeats, Samples } from '@quittance/persistence';
import { queueOf } from '@quittance/queues';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { eventually } from '../../../../../test/support/eventually.js';
import type { RequestBody } from '../../../test/a-request.js';
import { ApiRig, type TestMerchant } from '../../../test/api-rig.js';

let rig: ApiRig;
let merchant: TestMerchant;
let heartbeats: LaneHeartbeats;
let ann: string;
let reader: string;

beforeAll(async () => {
  rig = await ApiRig.start();
  merchant = await rig.addMerchant();
  heartbeats = new LaneHeartbeats(rig.pool);
  ann = await signedIn((await rig.addOperator('ann')).key);
  reader = await signedIn((await rig.addOperator('rita', 'read')).key);
});
afterAll(() => rig.stop());

async function signedIn(key: string): Promise<string> {
  const headers = { origin: rig.url };
  const answer = await rig.ask('POST', '/v1/ops/session', { body: { key }, headers });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
async function lane(): Promise<RequestBody> {
  const { status, body } = await rig.ask('GET', '/v1/ops/lanes', { headers: { cookie: reader } });
  expect(status).toBe(200);
  const [only, ...more] = body['data'] as RequestBody[];
  expect(more).toEqual([]);
  return only ?? {};
}
const change = (method: string, path: string, body: RequestBody, cookie = ann) =>
  rig.ask(method, `/v1/ops/lanes${path}`, { body, headers: { cookie, origin: rig.url } });
const audited = async () =>
  (
    await rig.pool.query(
      `SELECT action, operator, why, after FROM operator_actions WHERE subject_kind = 'lane' ORDER BY number DESC LIMIT 1`,
    )
  ).rows[0];

it('names the worker that is missing, the terminal that is held, and nothing', async () => {
  await rig.create(merchant, { reference: 'LANE-1' });
  expect(await lane()).toMatchObject({
    name: 'default',
    terminals: 1,
    workers: 0,
    pause: null,
    oldest_seconds: expect.any(Number),
    held_back: { by: 'no_worker', grade: 'bad' },
  });
  const { rows } = await rig.pool.query<{ id: string }>('SELECT id FROM terminals');
  const served = { lane: 'default', inFlight: 3, concurrency: 16, limitedForMs: 0 };
  await heartbeats.write([{ ...served, openBreakers: rows.map(({ id }) => id) }]);
  expect(await lane()).toMatchObject({
    workers: 1,
    in_flight: 3,
    places: 16,
    open_breakers: [expect.stringMatching(/\/main$/)],
    held_back: { by: 'breaker', sentence: expect.stringContaining('/main does not respond') },
  });
  await heartbeats.write([{ ...served, openBreakers: [] }]);
  expect(await lane()).toMatchObject({ open_breakers: [], held_back: { by: 'nothing' } });
});

it('derives the wait and the time to drain from the last minute', async () => {
  await new Samples(rig.pool).add([
    { lane: 'default', metric: 'sent', value: 600 },
    { lane: 'default', metric: 'sent_within_250_ms', value: 600 },
  ]);
  await rig.pool.query(`UPDATE samples SET at = at - interval '20 seconds' WHERE metric ~ 'sent'`);
  const redis = new Redis(rig.redis.url, { maxRetriesPerRequest: null });
  const name = queueOf('payment.submit.v1', 'default');
  const queue = new Queue(name, { connection: redis, prefix: rig.redis.prefix });
  for (let count = 0; count < 20; count += 1) {
    const payload = { paymentId: newId('pi') };
    await queue.add('payment.submit.v1', payload, { delay: 3_600_000 });
  }
  // The state of the queues is read once a second.
  await eventually(async () => {
    const { jobs, ...found } = await lane();
    const total = Object.values(jobs as Record<string, number>).reduce((sum, one) => sum + one, 0);
    expect(total).toBeGreaterThanOrEqual(20);
    expect(found).toMatchObject({ sent_per_second: 10, drain_seconds: total / 10 });
    expect(found['wait_p95_seconds']).toBeCloseTo(0.2425, 4);
  });
  await queue.obliterate({ force: true });
  await queue.close();
  await redis.quit();
});

it('pauses and resumes it, once, under the operator’s name', async () => {
  const paused = await change('POST', '/default/pause', { reason: 'maintenance' });
  const done = expect.stringContaining('is paused');
  expect(paused).toMatchObject({ status: 200, body: { done } });
  expect(await audited()).toMatchObject({
    action: 'lanes pause',
    operator: 'ann',
    why: 'maintenance',
  });
  expect(await lane()).toMatchObject({
    pause: { by: 'ann', reason: 'maintenance', at: expect.any(String) },
    held_back: { by: 'paused', sentence: 'Paused by ann: maintenance' },
  });
  const again = await change('POST', '/default/pause', { reason: 'more' });
  expect(again).toMatchObject({ status: 409, body: { code: 'action_refused' } });
  expect((await change('POST', '/default/resume', { why: 'it is over' })).status).toBe(200);
  expect(await audited()).toMatchObject({ action: 'lanes resume', why: 'it is over' });
  expect(await lane()).toMatchObject({ pause: null });
});

it('changes and removes limits', async () => {
  const set = await change('PATCH', '/default', { concurrency: 8, rate_per_second: 50 });
  expect(set.status).toBe(200);
  expect(await lane()).toMatchObject({ concurrency: 8, rate_per_second: 50 });
  expect((await change('PATCH', '/default', { rate_per_second: null })).status).toBe(200);
  expect(await lane()).toMatchObject({ concurrency: 8, rate_per_second: null });
  expect(await audited()).toMatchObject({
    action: 'lanes set',
    after: { concurrency: 8, rate_per_second: null },
  });
});

it.each<[string, string, RequestBody, number]>([
  ['POST', '/other/pause', { reason: 'x' }, 404],
  ['PATCH', '/other', { concurrency: 1 }, 404],
  ['PATCH', '/default', {}, 422],
  ['PATCH', '/default', { concurrency: 0 }, 422],
  ['PATCH', '/default', { rate_per_second: 10_001 }, 422],
  ['POST', '/default/pause', {}, 422],
  ['POST', '/default/pause', { reason: 'card 4012000033330026' }, 422],
  ['POST', '/default/resume', {}, 409],
])('%s %s %j is refused with %i and no audit row', async (method, path, body, status) => {
  const before = await audited();
  expect((await change(method, path, body)).status).toBe(status);
  expect(await audited()).toEqual(before);
});

it('lets a reader, and another site, change nothing', async () => {
  expect((await change('POST', '/default/pause', { reason: 'x' }, reader)).status).toBe(403);
  const headers = { cookie: ann, origin: 'https://elsewhere.example' };
  const foreign = { body: { concurrency: 1 }, headers };
  expect((await rig.ask('PATCH', '/v1/ops/lanes/default', foreign)).status).toBe(403);
});
