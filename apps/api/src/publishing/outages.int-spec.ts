// Goal: no outage loses a published payment, uses up an attempt, or prolongs the stay of a card in
// Redis. Method: the running api over a wire to Postgres that the test cuts, and a Redis of the
// test's own that refuses writes.
import { Redis } from 'ioredis';
import { aRequest } from '../../test/a-request.js';
import { ApiRig } from '../../test/api-rig.js';
import { addSigner, Publisher } from '../../test/publisher.js';
import type { Signer } from '../../../../test/support/signed-intent.js';
import { eventually } from '../../../../test/support/eventually.js';
import { type PrivateRedis, startPrivateRedis } from '../../../../test/support/redis.js';

const RECOVERS = { limitMs: 30_000 };
const NUMBER = '4012000033330026';

let server: PrivateRedis;
let admin: Redis;
let rig: ApiRig;
let publisher: Publisher;
let merchantId: string;
let signer: Signer;

beforeAll(async () => {
  server = await startPrivateRedis();
  admin = new Redis(server.url);
  rig = await ApiRig.start({ redis: { url: server.url, prefix: 'test', clear: async () => {} } });
  publisher = await Publisher.start(rig);
});
afterAll(async () => {
  await publisher.stop();
  await rig.stop();
  await admin.quit();
  await server.stop();
});
beforeEach(async () => {
  ({ id: merchantId } = await rig.addMerchant());
  signer = await addSigner(rig, merchantId);
});

const paymentCount = () =>
  rig.count('SELECT count(*) FROM payment_intents WHERE merchant_id = $1', [merchantId]);
const isReady = () =>
  eventually(async () => {
    expect((await rig.ask('GET', '/readyz')).body['status']).toBe('ready');
  }, RECOVERS);

const publishFive = () =>
  Promise.all(
    Array.from({ length: 5 }, async (_, at) =>
      publisher.publish(await publisher.payload({ reference: `ORD-${at}` }), signer),
    ),
  );

it('waits for Postgres, and uses up no attempt', async () => {
  await rig.toPostgres.cut();
  const jobs = await publishFive();
  await eventually(async () => expect((await rig.ask('GET', '/readyz')).status).toBe(503));
  await rig.toPostgres.mend();
  await Promise.all(jobs.map((job) => publisher.resultOf(job)));
  expect(await paymentCount()).toBe(5);
  for (const { id = '' } of jobs) {
    const job = await publisher.queue.getJob(id);
    expect([job?.attemptsMade, job?.failedReason]).toEqual([1, undefined]);
  }
  await isReady();
});

it('erases a card in clear at once, although Postgres does not answer', async () => {
  const blocking = await rig.pool.connect();
  await blocking.query('BEGIN');
  await blocking.query('LOCK TABLE api_keys');
  const job = await publisher.publish(aRequest(), signer);
  await eventually(async () => {
    expect((await publisher.queue.getJob(job.id ?? ''))?.data).toEqual({});
  });
  const text = await publisher.everything();
  expect(text).not.toContain(NUMBER);
  expect(text).not.toContain(Buffer.from(NUMBER).toString('base64url').slice(1, -3));
  expect(await publisher.problemOf(job)).toMatchObject({
    status: 422,
    errors: [{ path: 'job.data', code: 'not_allowed' }],
  });
  await blocking.query('ROLLBACK');
  blocking.release();
  await isReady();
  expect(await paymentCount()).toBe(0);
});

it('waits for a Redis that refuses writes, while HTTP accepts payments', async () => {
  await rig.toPostgres.cut();
  const jobs = await publishFive();
  await admin.config('SET', 'min-replicas-to-write', '1');
  await rig.toPostgres.mend();
  const { key } = { key: await rig.addKey(merchantId) };
  await eventually(async () => {
    const { status } = await rig.ask('POST', '/v1/payment-intents', { key, body: aRequest() });
    expect(status).toBe(202);
  }, RECOVERS);
  await admin.config('SET', 'min-replicas-to-write', '0');
  await Promise.all(jobs.map((job) => publisher.resultOf(job)));
  expect(await paymentCount()).toBe(6);
  await isReady();
});

it('stops within its limit while Redis is away', async () => {
  const other = await ApiRig.start();
  await other.toRedis.cut();
  const before = performance.now();
  await other.stop();
  expect(performance.now() - before).toBeLessThan(20_000);
});
