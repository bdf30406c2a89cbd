// Goal: an operator limits, pauses and resumes a lane, with an audit row for each change. Method:
// the commands over a real database.
import { createTestRedis } from '../../../../test/support/redis.js';
import { ADD_TERMINAL, CliRig } from '../../test/cli-rig.js';

const redis = createTestRedis();
let rig: CliRig;
beforeAll(async () => {
  rig = await CliRig.start();
  await rig.run(...ADD_TERMINAL, '--name', 'main', '--private-key', 'x', '--lane', 'cards');
});
afterAll(async () => {
  await redis.clear();
  await rig.stop();
});

const lanes = (...args: string[]) =>
  rig.runIn({ REDIS_URL: redis.url, QUEUE_PREFIX: redis.prefix }, 'lanes', ...args);
async function listed() {
  const { out } = await lanes('list', '--json');
  return JSON.parse(out) as Record<string, unknown>;
}
const actions = async () =>
  (
    await rig.pool.query(
      `SELECT action, subject_kind, subject_id, why, before, after FROM operator_actions
       WHERE subject_kind = 'lane' ORDER BY number DESC LIMIT 1`,
    )
  ).rows;

it('lists the lanes of the terminals', async () => {
  expect(await listed()).toEqual({
    name: 'cards',
    terminals: 1,
    concurrency: null,
    rate_per_second: null,
    pause: null,
    workers: 0,
    in_flight: 0,
    places: 0,
    open_breakers: [],
    jobs: { waiting: 0, delayed: 0, active: 0, failed: 0 },
    oldest_seconds: null,
    sent_per_second: 0,
    wait_p95_seconds: null,
    drain_seconds: 0,
    held_back: expect.objectContaining({ by: 'no_worker', sentence: 'No worker serves it.' }),
  });
});

it('lists them without Redis too, and says so', async () => {
  const { exitCode, out, err } = await rig.run('lanes', 'list');
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: expect.stringMatching(/^REDIS_URL/) });
  expect(out).toMatch(/^cards .*Redis is unavailable\.$/m);
});

it('sets and removes limits', async () => {
  const { err } = await lanes('set', 'cards', '--concurrency', '8', '--rate', '50');
  expect(err).toContain('"cards" is changed');
  expect(await listed()).toMatchObject({ concurrency: 8, rate_per_second: 50 });
  await lanes('set', 'cards', '--rate', 'none');
  expect(await listed()).toMatchObject({ concurrency: 8, rate_per_second: null });
  expect(await actions()).toEqual([
    {
      action: 'lanes set',
      subject_kind: 'lane',
      subject_id: 'cards',
      why: null,
      before: { concurrency: 8, rate_per_second: 50 },
      after: { concurrency: 8, rate_per_second: null },
    },
  ]);
  expect((await lanes('list')).out).toMatch(/^cards +1 +8 +- .*No worker serves it\.$/m);
});

it('pauses a lane with a reason, once, and resumes it', async () => {
  expect((await lanes('pause', 'cards', '--reason', 'maintenance')).err).toContain('is paused');
  expect(await listed()).toMatchObject({
    pause: { reason: 'maintenance', by: expect.any(String) },
    held_back: { by: 'paused' },
  });
  expect(await actions()).toMatchObject([{ action: 'lanes pause', why: 'maintenance' }]);
  expect((await lanes('pause', 'cards', '--reason', 'again')).err).toContain(
    'already paused: maintenance',
  );
  expect((await lanes('resume', 'cards')).err).toContain('is resumed');
  expect(await actions()).toMatchObject([{ action: 'lanes resume' }]);
  expect((await lanes('resume', 'cards')).err).toContain('It is not paused.');
});

it.each([
  [['set', 'cards'], 'Nothing to change'],
  [['set', 'cards', '--rate', '0'], 'Expected a whole number from 1 to 10000'],
  [['set', 'cards', '--concurrency', '1.5'], 'Expected a whole number from 1 to 10000'],
  [['set', 'other', '--rate', '1'], 'No terminal uses a lane "other"'],
  [['pause', 'other', '--reason', 'x'], 'No terminal uses a lane "other"'],
])('rejects %j', async (args, words) => {
  const { exitCode, err } = await lanes(...args);
  expect(exitCode).not.toBe(0);
  expect(err).toContain(words);
});
