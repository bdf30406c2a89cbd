// Goal: several processes together let through exactly the limit at a low cost in calls to Redis,
// and without Redis each process still has a limit. Method: limits over a Redis of the test's own,
// which the test stops and stalls.
import { createLogger, Secret } from '@quittance/platform';
import { RedisConnections } from '@quittance/queues';
import { Redis } from 'ioredis';
import { eventually } from '../../../../../test/support/eventually.js';
import { type PrivateRedis, startPrivateRedis } from '../../../../../test/support/redis.js';
import { LeasedLimit } from './leased-limit.js';
import { RequestCounter } from './request-counter.js';

const log = createLogger({ name: 'test', level: 'silent' });
let server: PrivateRedis;
/** The test's own connection. */
let redis: Redis;
let opened: RedisConnections[];
let alone: number;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = new Redis(server.url);
  redis.on('error', () => {});
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => {
  opened = [];
  alone = 0;
});
afterEach(() => Promise.all(opened.map((connections) => connections.close())));

/**
 * Returns a process's limit over a connection without a deadline, which a busy machine could miss.
 */
function aLimit(keyPrefix: string, windowSeconds = 600, connection = redis): LeasedLimit {
  const counter = new RequestCounter({ redis: connection, keyPrefix, windowSeconds, log });
  return new LeasedLimit(counter, () => void (alone += 1));
}

/**
 * Returns the api's own connection for counting, which fails at once while Redis is unavailable,
 * and after 100 ms.
 */
async function limiterConnection(): Promise<Redis> {
  const connections = new RedisConnections({ url: new Secret(server.url), log });
  opened.push(connections);
  const { limiter } = connections;
  await eventually(() => limiter.ping());
  return limiter;
}

/** Returns how many of `count` simultaneous requests are within the limit. */
async function within(limits: readonly LeasedLimit[], count: number, limit: number) {
  const asked = Array.from({ length: count }, async (_, n) =>
    limits[n % limits.length]?.take('s', limit),
  );
  return (await Promise.all(asked)).filter((standing) => standing?.isWithin).length;
}

describe('while Redis is available', () => {
  it.each([1, 7, 19, 20, 100, 999])('one process lets exactly %i through', async (limit) => {
    const one = aLimit(`one-${limit}`);
    expect(await within([one], limit * 2 + 10, limit)).toBe(limit);
    expect(await within([one], 10, limit)).toBe(0);
  });

  it('two processes let through at most the limit, and at least the limit less one lease', async () => {
    const limits = [aLimit('two'), aLimit('two')];
    const passed = await within(limits, 500, 200);
    expect(passed).toBeLessThanOrEqual(200);
    expect(passed).toBeGreaterThanOrEqual(190);
  });

  it('calls Redis twenty times for a whole limit, and once more to find that it is used up', async () => {
    const one = aLimit('cheap');
    await redis.config('RESETSTAT');
    for (let n = 0; n < 5_000; n += 1) await one.take('s', 1000);
    const [, calls = ''] =
      /cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats')) ?? [];
    expect(Number(calls)).toBeLessThanOrEqual(22);
    expect(alone).toBe(0);
  });

  it('lets requests through again in the next window', async () => {
    const one = aLimit('again', 1);
    expect(await within([one], 10, 2)).toBe(2);
    const { resetsInMs } = await one.take('s', 2);
    expect(resetsInMs).toBeGreaterThan(0);
    expect(resetsInMs).toBeLessThanOrEqual(1000);
    await eventually(async () => expect((await one.take('s', 2)).isWithin).toBe(true));
  });

  it('reports the remaining requests', async () => {
    const one = aLimit('left');
    expect(await one.take('s', 3)).toMatchObject({ isWithin: true, limit: 3, remaining: 2 });
    await one.take('s', 3);
    expect(one.exhausted('s', 3)).toBeUndefined();
    await one.take('s', 3);
    expect(await one.take('s', 3)).toMatchObject({ isWithin: false, remaining: 0 });
    expect(one.exhausted('s', 3)).toMatchObject({ isWithin: false });
    expect(one.exhausted('other', 3)).toBeUndefined();
  });
});

describe('while Redis does not answer', () => {
  it('the process counts alone, and no request waits long', async () => {
    const one = aLimit('stalled', 600, await limiterConnection());
    await redis.client('PAUSE', 3_000, 'ALL');
    const before = performance.now();
    expect(await within([one], 100, 40)).toBe(40);
    // One command timeout of 100 ms, with room for a busy machine, and not until the pause is over.
    expect(performance.now() - before).toBeLessThan(2_500);
    expect(alone).toBeGreaterThan(0);
    await redis.client('UNPAUSE').catch(() => undefined);
  });
});

describe('while Redis is stopped', () => {
  it('the process counts alone at once, and together again when Redis returns', async () => {
    const one = aLimit('stopped', 1, await limiterConnection());
    await server.stop();
    await eventually(() => expect(opened[0]?.limiter.status).not.toBe('ready'));
    const before = performance.now();
    expect(await within([one], 100, 40)).toBe(40);
    expect(performance.now() - before).toBeLessThan(500);
    expect(alone).toBeGreaterThan(0);
    await server.start();
    await eventually(async () => {
      alone = 0;
      await one.take(`back-${Math.random()}`, 40);
      expect(alone).toBe(0);
    });
  });
});
