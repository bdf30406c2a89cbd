// Goal: a Redis that is there and refuses to write, or says nothing any more, is noticed and
// reported by the connection in use, and left for its successor; what was added meanwhile is
// handled without a restart. Method: two servers of the test's own behind a wire that leads new
// connections to one of them and leaves the old ones alone.
import { Redis } from 'ioredis';
import { eventually } from '../../../test/support/eventually.js';
import { type PrivateRedis, startPrivateRedis } from '../../../test/support/redis.js';
import { linkTo, type SeverableLink } from '../../../test/support/severable-link.js';
import { ChangeSignal } from './change-signal.js';
import { aPaymentId, recordingHandlers, log, openTestQueues } from './queues.fixture.js';

/** The longest that anything here may take to be noticed and got over. */
const SOON = { limitMs: 20_000, everyMs: 50 };

let first: PrivateRedis;
let second: PrivateRedis;
let link: SeverableLink;
let test: ReturnType<typeof openTestQueues>;
let handled: string[];
let jobs = 0;

async function command(server: PrivateRedis, ...words: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis(server.url);
  try {
    return await redis.call(...words);
  } finally {
    redis.disconnect();
  }
}

/** Adds a job, however often that takes, as the relay does. */
async function add(): Promise<string> {
  const paymentId = aPaymentId();
  jobs += 1;
  const job = { name: 'payment.inquire.v1' as const, payload: { paymentId }, jobId: `job-${jobs}` };
  await eventually(() => test.producer.add([job]), SOON);
  return paymentId;
}

async function goesThrough(): Promise<void> {
  const paymentId = await add();
  await eventually(() => expect(handled).toContain(paymentId), SOON);
}

const reason = (text: string) =>
  eventually(
    () =>
      expect(test.connections.check()).rejects.toMatchObject({
        reason: expect.stringContaining(text),
      }),
    SOON,
  );
const well = () => eventually(() => test.connections.check(), SOON);

beforeEach(async () => {
  [first, second] = [await startPrivateRedis(), await startPrivateRedis()];
  link = await linkTo(first.url);
  test = openTestQueues({ url: link.url, prefix: 'test', clear: async () => {} });
  await test.connections.check();
  handled = [];
  test.consumer({ handlers: recordingHandlers(handled) }).start();
  await goesThrough();
});
afterEach(async () => {
  await test.close();
  await link.cut();
  await Promise.all([first.stop(), second.stop()]);
});

describe('a Redis that refuses to write', () => {
  it('is left when it has become a replica, by workers that wait too', async () => {
    await command(second, 'replicaof', '127.0.0.1', String(first.port));
    await eventually(async () =>
      expect(await command(second, 'info', 'replication')).toContain('master_link_status:up'),
    );
    await command(second, 'replicaof', 'no', 'one');
    link.leadTo(second.url);
    await command(first, 'replicaof', '127.0.0.1', String(second.port));
    await goesThrough();
    await well();
    const left = await command(first, 'client', 'list', 'type', 'normal');
    expect(String(left)).not.toContain('quittance-');
  }, 60_000);

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    [
      'read-only',
      () => command(first, 'replicaof', '127.0.0.1', String(second.port)),
      () => command(first, 'replicaof', 'no', 'one'),
    ],
    [
      'too few replicas',
      () => command(first, 'config', 'set', 'min-replicas-to-write', '1'),
      () => command(first, 'config', 'set', 'min-replicas-to-write', '0'),
    ],
    [
      'out of memory',
      () => command(first, 'config', 'set', 'maxmemory', '1mb'),
      () => command(first, 'config', 'set', 'maxmemory', '0'),
    ],
    [
      'no permission',
      () => command(first, 'acl', 'setuser', 'default', '-set', '-evalsha', '-eval'),
      () => command(first, 'acl', 'setuser', 'default', '+@all'),
    ],
  ])(
    'is told as %s, and got over when it writes again',
    async (text, refuse, allow) => {
      await refuse();
      await reason(text);
      const added = add();
      await allow();
      const paymentId = await added;
      await eventually(() => expect(handled).toContain(paymentId), SOON);
      await well();
    },
    60_000,
  );

  it('is not asked again and again without a pause', async () => {
    const calls = async (): Promise<number> => {
      const stats = String(await command(first, 'info', 'commandstats'));
      const [, count = '0'] = /cmdstat_evalsha:calls=(\d+)/.exec(stats) ?? [];
      return Number(count);
    };
    await command(first, 'config', 'set', 'maxmemory', '1mb');
    await reason('out of memory');
    const before = await calls();
    await eventually(async () => expect(await calls()).toBeGreaterThan(before), SOON);
    const [from, started] = [await calls(), performance.now()];
    await eventually(() => expect(performance.now() - started).toBeGreaterThan(2000), SOON);
    // Two queues, once a second each, and what else a worker does.
    expect((await calls()) - from).toBeLessThan(40);
  }, 60_000);
});

describe('a Redis that has fallen silent', () => {
  it('is left while new connections work, and nothing is lost', async () => {
    link.silence();
    await goesThrough();
    await well();
  }, 60_000);

  it('gives back the jobs that it handed out unheard', async () => {
    link.loseAnswers();
    // Whoever of the workers asks for a job gets it, and never hears of it.
    const added: string[] = [];
    for (let at = 0; at < 5; at += 1) added.push(await add());
    await eventually(() => expect(handled).toEqual(expect.arrayContaining(added)), SOON);
    await eventually(
      async () => expect(await test.queues.get('inquiry').getActiveCount()).toBe(0),
      SOON,
    );
  }, 60_000);

  it('is told while nothing answers, and got over when it does', async () => {
    link.silence({ new: 'silent' });
    await reason('no');
    link.speak();
    await goesThrough();
    await well();
  }, 60_000);

  it('may be stopped and go on', async () => {
    first.freeze();
    await reason('no answer');
    first.resume();
    await goesThrough();
    await well();
  }, 60_000);

  it('may pause its clients', async () => {
    await command(first, 'client', 'pause', '6000', 'write');
    await reason('no answer');
    await goesThrough();
    await well();
  }, 60_000);

  it('does not keep announcements of changes from their listeners afterwards', async () => {
    const [here, there] = ['here', 'there'].map(
      () => new ChangeSignal(test.connections, 'test', log),
    );
    const isHeard = async () => {
      const woken = there?.waitFor('pi_1', 100);
      await here?.announce(['pi_1']);
      if (!(await woken)) throw new Error('not heard');
    };
    await eventually(isHeard, SOON);
    link.silence();
    await eventually(isHeard, SOON);
  }, 60_000);
});
