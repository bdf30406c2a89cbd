import { Redis } from 'ioredis';
import { createTestRedis, startPrivateRedis } from './redis.js';

async function withClient<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    await redis.quit();
  }
}

describe('createTestRedis', () => {
  it('clears its own keys and nobody else’s', async () => {
    const [mine, other] = [createTestRedis(), createTestRedis()];
    await withClient(mine.url, async (redis) => {
      await redis.mset(`${mine.prefix}:a`, '1', `${other.prefix}:a`, '2');
      await mine.clear();
      expect(await redis.mget(`${mine.prefix}:a`, `${other.prefix}:a`)).toEqual([null, '2']);
      await other.clear();
    });
  });

  it('refuses to forget anything when it is full, as the real one must', async () => {
    const policy = await withClient(createTestRedis().url, (redis) =>
      redis.config('GET', 'maxmemory-policy'),
    );
    expect(policy).toContain('noeviction');
  });
});

describe('startPrivateRedis', () => {
  it('comes back empty on the same port after it was ended', async () => {
    const server = await startPrivateRedis();
    await withClient(server.url, (redis) => redis.set('a', '1'));
    await server.stop();
    await server.start();
    expect(await withClient(server.url, (redis) => redis.get('a'))).toBeNull();
    await server.stop();
  });
});
