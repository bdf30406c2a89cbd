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
  it('clears its own keys and no others', async () => {
    const [mine, other] = [createTestRedis(), createTestRedis()];
    await withClient(mine.url, async (redis) => {
      await redis.mset(`${mine.prefix}:a`, '1', `${other.prefix}:a`, '2');
      await mine.clear();
      expect(await redis.mget(`${mine.prefix}:a`, `${other.prefix}:a`)).toEqual([null, '2']);
      await other.clear();
    });
  });

  it('evicts nothing when it is full, as in production', async () => {
    const policy = await withClient(createTestRedis().url, (redis) =>
      redis.config('GET', 'maxmemory-policy'),
    );
    expect(policy).toContain('noeviction');
  });
});

describe('startPrivateRedis', () => {
  it('comes back empty on the same port after it was stopped', async () => {
    const server = await startPrivateRedis();
    await withClient(server.url, (redis) => redis.set('a', '1'));
    await server.stop();
    await server.start();
    expect(await withClient(server.url, (redis) => redis.get('a'))).toBeNull();
    await server.stop();
  });
});
