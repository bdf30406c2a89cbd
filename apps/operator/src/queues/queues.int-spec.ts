// Goal: an operator counts failed jobs, and then changes just those. Method: the commands over real
// Postgres and Redis, and jobs that a worker of the test refused.
import { newId } from '@quittance/platform';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { eventually } from '../../../../test/support/eventually.js';
import { createTestRedis } from '../../../../test/support/redis.js';
import { CliRig } from '../../test/cli-rig.js';

const share = createTestRedis();
let rig: CliRig;
let redis: Redis;
let queue: Queue;

beforeAll(async () => {
  rig = await CliRig.start();
  redis = new Redis(share.url, { maxRetriesPerRequest: null });
  queue = new Queue('inquiry', { connection: redis, prefix: share.prefix });
});
afterAll(async () => {
  await queue.close();
  await redis.quit();
  await share.clear();
  await rig.stop();
});

const quittance = (...args: string[]) =>
  rig.runIn({ REDIS_URL: share.url, QUEUE_PREFIX: share.prefix }, 'queues', ...args);

it('lists by reason, counts, retries what was counted, and discards the rest', async () => {
  const reasons = ['Error: no key', 'Error: no key', 'Error: other'];
  for (const reason of reasons) await queue.add(reason, { paymentId: newId('pi') });
  const refuse = ({ name }: { name: string }) => Promise.reject(new UnrecoverableError(name));
  const worker = new Worker('inquiry', refuse, { connection: redis, prefix: share.prefix });
  await eventually(async () => expect(await queue.getFailedCount()).toBe(3));
  await worker.close();

  const { out } = await quittance('failed');
  expect(out).toMatch(/^inquiry +2 .*pi_\w+,pi_\w+ +Error: no key$/m);
  expect(out).toMatch(/^inquiry +1 .*Error: other$/m);
  const dry = await quittance('retry', 'inquiry', '--reason', 'Error: no key');
  expect(dry.out).toBe('2\n');
  expect(await queue.getFailedCount()).toBe(3);
  const [, until = ''] = /--count 2 --until (\S+)\.$/m.exec(dry.err) ?? [];
  const confirmed = ['--reason', 'Error: no key', '--count', '2', '--until', until];
  expect((await quittance('retry', 'inquiry', ...confirmed)).out).toBe('2\n');
  expect(await queue.getWaitingCount()).toBe(2);

  const rest = await quittance('discard', 'inquiry', '--json');
  const { matches, until: last } = JSON.parse(rest.out) as Record<string, string>;
  const all = ['--count', String(matches), '--until', String(last)];
  expect((await quittance('discard', 'inquiry', ...all)).out).toBe('1\n');
  expect((await quittance('failed', 'inquiry')).err).toBe('There are no failed jobs.\n');
  const { rows } = await rig.pool.query<{ action: string }>(
    `SELECT action FROM operator_actions WHERE subject_kind = 'queue' ORDER BY number`,
  );
  expect(rows.map(({ action }) => action)).toEqual(['queues retry', 'queues discard']);
});

it.each([
  [['failed', 'other'], 'There is no queue "other"; there are payment-intents'],
  [['retry', 'inquiry', '--count', '1'], 'Give --count and --until together'],
  [['retry', 'inquiry', '--count', 'x'], 'Expected a number of jobs'],
  [['discard', 'inquiry', '--count', '1', '--until', 'x'], 'Expected a time'],
])('rejects %j', async (args, words) => {
  const { exitCode, err } = await quittance(...args);
  expect(exitCode).not.toBe(0);
  expect(err).toContain(words);
});
