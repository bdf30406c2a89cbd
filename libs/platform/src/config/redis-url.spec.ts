import { parseClusterUrl, parseSentinelUrl, redisUrlProblem } from './redis-url.js';

it('reads users, passwords, hosts, the name of the primary and the database', () => {
  const url =
    'rediss+sentinel://wor%40ker:p%2Fw@one:26380,[2001:db8::1]:1,two/quittance.main/3?sentinel_username=reader&sentinel_password=s%26t';
  expect(redisUrlProblem(url)).toBeUndefined();
  expect(parseSentinelUrl(url)).toEqual({
    sentinels: [
      { host: 'one', port: 26380 },
      { host: '2001:db8::1', port: 1 },
      { host: 'two', port: 26379 },
    ],
    name: 'quittance.main',
    isTls: true,
    username: 'wor@ker',
    password: 'p/w',
    db: 3,
    sentinelUsername: 'reader',
    sentinelPassword: 's&t',
  });
});

it('needs neither user, password, port nor database', () => {
  expect(parseSentinelUrl('redis+sentinel://one/main')).toEqual({
    sentinels: [{ host: 'one', port: 26379 }],
    name: 'main',
    isTls: false,
    username: undefined,
    password: undefined,
    db: 0,
    sentinelUsername: undefined,
    sentinelPassword: undefined,
  });
});

it('reads user, password and nodes of a Cluster', () => {
  const url = 'rediss+cluster://wor%40ker:p%2Fw@one:7000,[2001:db8::1],two/0';
  expect(redisUrlProblem(url)).toBeUndefined();
  expect(parseClusterUrl(url)).toEqual({
    nodes: [
      { host: 'one', port: 7000 },
      { host: '2001:db8::1', port: 6379 },
      { host: 'two', port: 6379 },
    ],
    isTls: true,
    username: 'wor@ker',
    password: 'p/w',
  });
  expect(parseClusterUrl('redis+cluster://one')).toMatchObject({ isTls: false });
});

it.each([
  ['its hosts', 'redis+cluster://'],
  ['its hosts', 'redis+cluster://secret,'],
  ['its hosts', 'redis+cluster://secret:port'],
  ['one database', 'redis+cluster://secret/1'],
  ['one database', 'redis+cluster://one?password=secret'],
  ['percent-encoded', 'redis+cluster://user:secret%@one'],
])('says that %s of the Cluster %s is wrong, without any part of it', (problem, url) => {
  expect(redisUrlProblem(url)).toContain(problem);
  expect(redisUrlProblem(url)).not.toContain('secret');
  expect(() => parseClusterUrl(url)).toThrow(TypeError);
});

it.each(['redis://localhost', 'rediss://user:pw@host:6380/1'])('accepts %s', (url) => {
  expect(redisUrlProblem(url)).toBeUndefined();
});

it.each([
  ['it is no URL of Redis', 'http://secret'],
  ['it is no URL of Redis', 'secret'],
  ['its path', 'redis+sentinel://secret:26379'],
  ['its path', 'redis+sentinel://secret:26379/'],
  ['its path', 'redis+sentinel://secret/main/zero'],
  ['its hosts', 'redis+sentinel:///secret'],
  ['its hosts', 'redis+sentinel://secret,/main'],
  ['its hosts', 'redis+sentinel://secret:port/main'],
  ['its hosts', 'redis+sentinel://secret:99999/main'],
  ['its hosts', 'redis+sentinel:secret'],
  ['another parameter', 'redis+sentinel://secret/main?password=secret'],
  ['another parameter', 'redis+sentinel://one/main#secret'],
  ['or one twice', 'redis+sentinel://one/main?sentinel_password=secret&sentinel_password=b'],
  ['percent-encoded', 'redis+sentinel://user:secret%@one/main'],
])('says that %s of %s is wrong, without any part of it', (problem, url) => {
  expect(redisUrlProblem(url)).toContain(problem);
  expect(redisUrlProblem(url)).not.toContain('secret');
  expect(() => parseSentinelUrl(url)).toThrow(TypeError);
});
