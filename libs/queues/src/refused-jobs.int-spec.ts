// Goal: a card that was published in a job by mistake is nowhere in Redis once the job was refused.
// Method: jobs with a card in each part of a job, on a Redis of the test; then the test searches
// every key of every type.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { eventually } from '../../../test/support/eventually.js';
import { type PrivateRedis, startPrivateRedis } from '../../../test/support/redis.js';
import { aPaymentId, MERCHANT, recordingHandlers, openTestQueues } from './queues.fixture.js';

const NUMBER = '4012000033330026';
/** In capitals, which no id or time contains; three digits alone occur in every tenth of them. */
const CVV = 'CVV917';
const CARD = { number: NUMBER, cvv: `cvv ${CVV}` };
const SUBMIT = 'payment.inquire.v1';

let server: PrivateRedis;
let redis: Redis;
let test: ReturnType<typeof openTestQueues>;
let handled: string[];
beforeAll(async () => {
  server = await startPrivateRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  await redis.quit();
  await server.stop();
});
beforeEach(async () => {
  test = openTestQueues({ url: server.url, prefix: 'test', clear: async () => {} });
  await eventually(() => test.connections.check());
  handled = [];
  test.consumer({ handlers: recordingHandlers(handled) }).start();
});
afterEach(async () => {
  await test.close();
  await redis.flushall();
});

/** Resolves with all keys and values in Redis as text. */
async function everything(): Promise<string> {
  const texts: unknown[] = [];
  for await (const keys of redis.scanStream()) {
    for (const key of keys as string[]) {
      const reading = {
        string: () => redis.get(key),
        list: () => redis.lrange(key, 0, -1),
        set: () => redis.smembers(key),
        zset: () => redis.call('zrange', key, '0', '-1', 'WITHSCORES'),
        hash: () => redis.hgetall(key),
        stream: () => redis.xrange(key, '-', '+'),
      }[await redis.type(key)];
      texts.push(key, await reading?.());
    }
  }
  return JSON.stringify(texts);
}

const inquiries = () => test.queues.get('inquiry');
const reasons = async () => (await inquiries().getFailed()).map((job) => job.failedReason);

async function isGone(): Promise<void> {
  await eventually(async () => {
    const text = await everything();
    expect(text).not.toContain(NUMBER);
    expect(text).not.toContain(CVV);
  });
}

it.each<[string, (queue: Queue) => Promise<unknown>, string]>([
  [
    'the payload',
    (queue) => queue.add(SUBMIT, { paymentId: aPaymentId(), card: CARD }),
    `${SUBMIT} cannot be read: unexpected card`,
  ],
  [
    'the payload of a job that fails for good after many attempts',
    (queue) => queue.add(SUBMIT, CARD, { attempts: 9, backoff: { type: 'fixed', delay: 1 } }),
    `${SUBMIT} cannot be read: paymentId missing or malformed; unexpected number, cvv`,
  ],
  [
    'a name of the payload',
    (queue) => queue.add(SUBMIT, { paymentId: aPaymentId(), [NUMBER]: CVV }),
    `${SUBMIT} cannot be read: unexpected …`,
  ],
  [
    'the name',
    (queue) => queue.add(NUMBER, { paymentId: aPaymentId() }),
    'its name does not have the form of a job name',
  ],
  [
    'the id',
    (queue) => queue.add(SUBMIT, { paymentId: aPaymentId() }, { jobId: `card-${NUMBER}` }),
    `${SUBMIT} cannot be read: its id may hold a number`,
  ],
  [
    'the deduplication',
    (queue) =>
      queue.add(SUBMIT, { paymentId: aPaymentId() }, { deduplication: { id: NUMBER, ttl: 9e6 } }),
    `${SUBMIT} cannot be read: unexpected in its options deduplication`,
  ],
  [
    'the telemetry',
    (queue) =>
      queue.add(
        SUBMIT,
        { paymentId: aPaymentId() },
        { telemetry: { metadata: NUMBER, omitContext: true } },
      ),
    `${SUBMIT} cannot be read: unexpected in its options telemetry`,
  ],
  [
    'the logs',
    async (queue) => {
      const job = await queue.add(SUBMIT, CARD, { delay: 60_000 });
      await job.log(`card ${NUMBER}`);
      await job.promote();
    },
    `${SUBMIT} cannot be read: paymentId missing or malformed; unexpected number, cvv`,
  ],
  [
    'a scheduler, which repeats it',
    (queue) =>
      queue.upsertJobScheduler('daily', { every: 3_600_000 }, { name: SUBMIT, data: CARD }),
    `${SUBMIT} cannot be read: paymentId missing or malformed; unexpected number, cvv`,
  ],
  [
    'a job of an unknown kind',
    (queue) => queue.add('card.keep.v1', CARD),
    'card.keep.v1 cannot be read: no id in number, cvv',
  ],
])('is removed with a card in %s', async (_place, publish, reason) => {
  await publish(inquiries());
  await eventually(async () => expect(await reasons()).toEqual([reason]));
  await isGone();
  expect(await inquiries().getJobCounts('waiting', 'active', 'delayed', 'prioritized')).toEqual({
    waiting: 0,
    active: 0,
    delayed: 0,
    prioritized: 0,
  });
  expect(handled).toEqual([]);
});

it.each([
  ['data', `{"number":"${NUMBER}`, `${SUBMIT} cannot be read: it is not an object`],
  ['opts', `{"number":"${NUMBER}`, 'it cannot be parsed'],
  ['opts', 'null', 'it cannot be parsed'],
  ['progress', NUMBER.concat('"'), 'it cannot be parsed'],
  ['rjk', 'a scheduler without an interval', 'it cannot be parsed'],
])('is removed when its %s cannot be parsed', async (field, text, reason) => {
  const delay = 60_000;
  const job = await inquiries().add(SUBMIT, { paymentId: aPaymentId() }, { delay });
  await redis.hset(inquiries().toKey(job.id ?? ''), field, text);
  await job.promote();
  await eventually(async () => expect(await reasons()).toEqual([reason]));
  await isGone();
});

it('is removed when only its id exists', async () => {
  await redis.rpush(inquiries().toKey('wait'), `card-${NUMBER}`);
  await redis.zadd(inquiries().toKey('marker'), 0, '0');
  await eventually(async () => expect(await reasons()).toHaveLength(1));
  await isGone();
});

it('stays refused and empty when an operator retries its record', async () => {
  await inquiries().add(SUBMIT, { paymentId: aPaymentId(), card: CARD });
  await eventually(async () => expect(await inquiries().getFailedCount()).toBe(1));
  const [record] = await inquiries().getFailed();
  expect(record?.data).toEqual({});
  await record?.retry();
  await eventually(async () =>
    expect(await reasons()).toEqual(['it was rejected before and contains nothing']),
  );
  await isGone();
});

it('does not block the payment’s real job, although it used its id', async () => {
  const paymentId = aPaymentId();
  const jobId = `inquire-${paymentId}-1`;
  await inquiries().add(SUBMIT, { paymentId, card: CARD }, { jobId });
  await eventually(async () => expect(await inquiries().getFailedCount()).toBe(1));
  await test.producer.add([{ name: SUBMIT, payload: { paymentId }, merchantId: MERCHANT, jobId }]);
  await eventually(() => expect(handled).toEqual([paymentId]));
});
