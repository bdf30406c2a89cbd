import { LRUCache } from 'lru-cache';
import { atMost } from './cache-size.js';

const remembered = (cache: LRUCache<string, number>) => [...cache.keys()].toSorted();

it('drops the entry that was used least recently', () => {
  const cache = new LRUCache<string, number>(atMost(2));
  cache.set('a', 1);
  cache.set('b', 2);
  cache.get('a');
  cache.set('c', 3);
  expect(remembered(cache)).toEqual(['a', 'c']);
});

it('counts an entry once, however often it is fetched or set', async () => {
  const fetchMethod = (key: string) => Promise.resolve(key.length);
  const cache = new LRUCache<string, number>({ ...atMost(2), ttl: 60_000, fetchMethod });
  await Promise.all(['a', 'a', 'b'].map((key) => cache.fetch(key)));
  cache.set('a', 7);
  await cache.fetch('a', { forceRefresh: true });
  expect(remembered(cache)).toEqual(['a', 'b']);
  await cache.fetch('ccc');
  expect(cache.size).toBe(2);
});

it('forgets a fetch that found nothing or failed', async () => {
  const fetchMethod = (key: string) =>
    key === 'fails' ? Promise.reject(new Error('no')) : Promise.resolve(undefined);
  const cache = new LRUCache<string, number>({ ...atMost(2), ttl: 60_000, fetchMethod });
  await expect(cache.fetch('fails')).rejects.toThrow('no');
  for (const key of ['x', 'y', 'z']) expect(await cache.fetch(key)).toBeUndefined();
  expect(cache.calculatedSize).toBe(cache.size);
  cache.set('a', 1);
  cache.set('b', 2);
  expect(remembered(cache)).toEqual(['a', 'b']);
});
