// Goal: the connection in use detects and reports a Redis that rejects writes or falls silent, and
// moves to its successor; jobs added meanwhile are handled without a restart. Method: two Redis
// servers behind a proxy that leads new connections to one of them and leaves the old ones alone.
import { Redis } from 'ioredis';
import { eventually } from '../../../test/support/eventually.js';
import { type PrivateRedis, startPrivateRedis } from '../../../test/support/redis.js';
import { linkTo, type SeverableLink } from '../../../test/support/severable-link.js';
import { ChangeSignal } from './change-signal.js';
import { aPaymentId, MERCHANT, recordingHandlers, log, openTestQueues } from './queues.fixture.js';

/** The longest time that detection and recovery may take. */
const SOON = { everyMs: 50 };

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

/** Adds a job with retries, as the relay does. */
async function add(): Promise<string> {
  const paymentId = aPaymentId();
  jobs += 1;
  const name = 'payment.inquire.v1' as const;
  const job = { name, payload: { paymentId }, merchantId: MERCHANT, jobId: `job-${jobs}` };
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
  await eventually(() => test.connections.check());
  handled = [];
  test.consumer({ handlers: recordingHandlers(handled) }).start();
  await goesThrough();
});
afterEach(async () => {
  await test.close();
  await link.cut();
  await Promise.all([first.stop(), second.stop()]);
});

describe('a Redis that rejects writes', () => {
  it('is abandoned when it has become a replica, also by waiting workers', async () => {
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
  });

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
  ])('is reported as %s, and works again once it accepts writes', async (text, refuse, allow) => {
    await refuse();
    await reason(text);
    const added = add();
    await allow();
    const paymentId = await added;
    await eventually(() => expect(handled).toContain(paymentId), SOON);
    await well();
  });

  it('is left once per connection, however many of its commands were refused', async () => {
    const { producer } = test.connections;
    // Node warns of a leak at the eleventh.
    const listeners = () => producer.stream.listenerCount('close');
    const before = listeners();
    await command(first, 'replicaof', '127.0.0.1', String(second.port));
    const refused = await Promise.allSettled(
      Array.from({ length: 50 }, (_, key) => producer.set(`refused-${key}`, '1')),
    );
    expect(refused.filter(({ status }) => status === 'rejected')).toHaveLength(50);
    expect(listeners()).toBeLessThanOrEqual(before + 1);
    await command(first, 'replicaof', 'no', 'one');
    await well();
  });

  it('is not called again and again without a pause', async () => {
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
    const called = (await calls()) - from;
    const seconds = (performance.now() - started) / 1000;
    // Two queues with one fetch per second each, and a worker's other commands.
    expect(called / seconds).toBeLessThan(20);
  });
});

describe('a Redis that has fallen silent', () => {
  it('is abandoned while new connections work, and nothing is lost', async () => {
    link.silence();
    await goesThrough();
    await well();
  });

  it('returns jobs to the queue whose delivery was lost', async () => {
    link.loseAnswers();
    // A worker that fetches a job is assigned it but never receives it.
    const added: string[] = [];
    for (let at = 0; at < 5; at += 1) added.push(await add());
    await eventually(() => expect(handled).toEqual(expect.arrayContaining(added)), SOON);
    await eventually(
      async () => expect(await test.queues.get('inquiry').getActiveCount()).toBe(0),
      SOON,
    );
  });

  it('is reported while new connections are silent too, and works again afterwards', async () => {
    link.silence({ new: 'silent' });
    await reason('no');
    link.speak();
    await goesThrough();
    await well();
  });

  it('may be suspended and resumed', async () => {
    first.freeze();
    await reason('no answer');
    first.resume();
    await goesThrough();
    await well();
  });

  it('may pause its clients', async () => {
    await command(first, 'client', 'pause', '6000', 'write');
    await reason('no answer');
    await goesThrough();
    await well();
  });

  it('delivers announcements of changes afterwards', async () => {
    const [here, there] = ['here', 'there'].map(
      () => new ChangeSignal(test.connections, 'test', log),
    );
    const isHeard = async () => {
      const woken = there?.waitFor('pi_1', 1_000);
      await here?.announce(['pi_1']);
      if (!(await woken)) throw new Error('not heard');
    };
    await eventually(isHeard, SOON);
    link.silence();
    await eventually(isHeard, SOON);
  });
});
