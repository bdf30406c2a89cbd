// Goal: the watch of a connection that no Sentinel has led to a server yet ends no process. Method:
// a real connection of ioredis in its first turn, before anything can answer.
import { ConnectionWatch } from './connection-watch.js';
import { openRedis } from './open-redis.js';

it.each<[string, (watch: ConnectionWatch) => unknown]>([
  ['is checked', (watch) => watch.check()],
  ['is dropped with the others', (watch) => watch.drop()],
])('a connection without a stream %s', (_, act) => {
  const redis = openRedis('redis+sentinel://127.0.0.1:1/primary', {});
  redis.on('error', () => undefined);
  const watch = new ConnectionWatch(redis, { silentChecks: 1, ping: (one) => one.ping() });
  try {
    expect(redis.status).toBe('connecting');
    expect(() => act(watch)).not.toThrow();
  } finally {
    redis.disconnect();
  }
});
