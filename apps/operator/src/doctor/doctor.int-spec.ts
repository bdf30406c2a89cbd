// Goal: each fault of an installation is named, with what to do about it, and an unavailable part
// hides no other. Method: the command on a real database and a Redis of the test, with one fault at
// a time.
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Redis } from 'ioredis';
import { createTestDatabase } from '../../../../test/support/postgres.js';
import { startPgBouncer } from '../../../../test/support/pgbouncer.js';
import { type PrivateRedis, startPrivateRedis } from '../../../../test/support/redis.js';
import { ADD_TERMINAL, CliRig } from '../../test/cli-rig.js';
import type { Finding } from './finding.js';

let rig: CliRig;
let redis: PrivateRedis;
let client: Redis;
let gateway: Server;
const NOWHERE = 'redis://127.0.0.1:1';

beforeAll(async () => {
  rig = await CliRig.start();
  redis = await startPrivateRedis();
  client = new Redis(redis.url);
  gateway = createServer((socket) => socket.on('error', () => socket.destroy()));
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const { port } = gateway.address() as AddressInfo;
  const args = ADD_TERMINAL.map((word) => word.replace('127.0.0.1:9003', `127.0.0.1:${port}`));
  const { exitCode, err } = await rig.run(...args, '--name', 'main', '--private-key', 'secret-key');
  if (exitCode !== 0) throw new Error(err);
});
beforeEach(async () => {
  await client.config('SET', 'maxmemory-policy', 'noeviction', 'maxmemory', '0');
});
afterAll(async () => {
  client.disconnect();
  await redis.stop();
  await new Promise((resolve) => gateway.close(resolve));
  await rig.stop();
});

async function examined(env: NodeJS.ProcessEnv = {}) {
  const settings = { REDIS_URL: redis.url, ...env };
  const { exitCode, out, err } = await rig.runIn(settings, 'doctor', '--json');
  const lines = out.split('\n').filter(Boolean);
  const found = lines.map((line) => JSON.parse(line) as Finding);
  const of = (check: string) => found.find((finding) => finding.check === check);
  return { exitCode, err, found, of };
}

const bad = (finding: string) => ({ grade: 'bad', finding: expect.stringContaining(finding) });

it('finds what the servers of the tests lack: a worker, and commits that last', async () => {
  const { exitCode, found } = await examined();
  const faults = found.filter(({ grade }) => grade === 'bad' || grade === 'unknown');
  expect(faults).toMatchObject([
    { check: 'work', ...bad('No worker runs.') },
    { check: 'Postgres durability', ...bad('off: fsync, full_page_writes, synchronous_commit') },
  ]);
  expect(exitCode).toBe(1);
  const checks = found.filter(({ grade }) => grade === 'good').map(({ check }) => check);
  expect(checks).toEqual(
    expect.arrayContaining([
      'Node',
      'Postgres version',
      'Postgres role',
      'migrations',
      'Postgres connections',
      'pooler',
      'clock of Postgres',
      expect.stringMatching(/^gateway http/),
      'Redis version',
      'Redis eviction',
      'clock of Redis',
    ]),
  );
});

it('prints a table for people, and what to do on stderr', async () => {
  const { out, err } = await rig.runIn({ REDIS_URL: NOWHERE }, 'doctor');
  expect(out).toMatch(/^CHECK +STATE +FINDING/);
  expect(out).toMatch(/Redis +BAD/);
  expect(err).toContain('Redis: Check that it runs, and REDIS_URL.');
});

it('gives the verdict of the ops API', async () => {
  const { of } = await examined();
  expect(of('work')).toMatchObject({ grade: expect.stringMatching(/^(attention|bad)$/) });
  expect(of('outcomes')).toMatchObject({ grade: 'good' });
  expect(of('data')).toMatchObject({ grade: 'good' });
});

it('checks Redis although Postgres is unreachable', async () => {
  const { exitCode, of } = await examined({ DATABASE_URL: 'postgres://x:secret@127.0.0.1:1/x' });
  expect(exitCode).toBe(1);
  expect(of('Postgres')).toMatchObject({ grade: 'bad' });
  expect(of('Redis eviction')).toMatchObject({ grade: 'good' });
});

it('checks Postgres although Redis is unreachable', async () => {
  const { exitCode, of } = await examined({ REDIS_URL: NOWHERE });
  expect(exitCode).toBe(1);
  expect(of('Redis')).toMatchObject(bad('Redis is unavailable'));
  expect(of('migrations')).toMatchObject({ grade: 'good' });
});

it.each(['allkeys-lru', 'volatile-ttl'])('reports the eviction policy %s', async (policy) => {
  await client.config('SET', 'maxmemory-policy', policy);
  const { exitCode, of } = await examined();
  expect(of('Redis eviction')).toMatchObject(bad(policy));
  expect(exitCode).toBe(1);
});

it('reports a Redis whose memory is nearly full', async () => {
  const [, used] = /used_memory:(\d+)/.exec(await client.info('memory')) ?? [];
  await client.config('SET', 'maxmemory', String(Math.ceil(Number(used) * 1.1)));
  expect((await examined()).of('Redis memory')).toMatchObject({ grade: 'attention' });
});

it('reports a migration that is missing, and one that it does not know', async () => {
  const { rows } = await rig.pool.query(
    'DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations) RETURNING *',
  );
  const [last] = rows as { migration_name: string; checksum: string }[];
  expect((await examined()).of('migrations')).toMatchObject(
    bad(`missing: ${last?.migration_name}`),
  );
  const insert = `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ($1, $2, $3, now())`;
  await rig.pool.query(insert, ['later', 'x', '29990101000000_later']);
  expect((await examined()).of('migrations')).toMatchObject(bad('29990101000000_later'));
  await rig.pool.query(`DELETE FROM _prisma_migrations WHERE id = 'later'`);
  await rig.pool.query(insert, ['again', last?.checksum, last?.migration_name]);
  expect((await examined()).of('migrations')).toMatchObject({ grade: 'good' });
});

it('reports a gateway that refuses the connection', async () => {
  await rig.pool.query(`UPDATE terminals SET base_url = 'http://127.0.0.1:1'`);
  const { exitCode, found } = await examined();
  expect(exitCode).toBe(1);
  expect(found).toContainEqual(
    expect.objectContaining({ check: 'gateway http://127.0.0.1:1', ...bad('ECONNREFUSED') }),
  );
});

it('reports a pooler that is not declared, or whose role lacks settings, until both are right', async () => {
  const pooler = await startPgBouncer(rig.database.url);
  const env = { DATABASE_URL: pooler.through(rig.database.urlAs('operator')) };
  const declared = { ...env, DATABASE_POOLER: 'transaction' };
  try {
    expect((await examined(env)).of('pooler')).toMatchObject({
      ...bad('DATABASE_POOLER is none'),
      advice: expect.stringContaining('to transaction'),
    });
    expect((await rig.runIn(env, 'merchants', 'list')).exitCode).toBe(78);
    const { of, exitCode } = await examined(declared);
    expect(exitCode).toBe(1);
    expect(of('pooler')).toMatchObject(bad('statement_timeout 0 instead of 5000'));
    expect((await rig.runIn(declared, 'merchants', 'list')).exitCode).toBe(78);
    const statements = of('pooler')?.advice?.match(/ALTER ROLE [^;]*;/g) ?? [];
    await rig.pool.query(statements.join(' '));
    await pooler.kill();
    await pooler.start();
    expect((await examined(declared)).of('pooler')).toMatchObject({ grade: 'good' });
    expect((await rig.runIn(declared, 'merchants', 'list')).exitCode).toBe(0);
  } finally {
    await pooler.stop();
  }
});

describe('the read replica', () => {
  const check = async (url: string) => {
    const { of } = await examined({ DATABASE_READ_URL: url });
    return of('read replica');
  };
  const own = () => rig.database.urlAs('operator');
  const beats = (at: string) =>
    rig.pool.query(`INSERT INTO replica_beats (beats, at) VALUES (ARRAY[gen_random_uuid()], ${at})
      ON CONFLICT (only_row) DO UPDATE SET at = excluded.at`);

  it('is not mentioned where there is none', async () => {
    expect((await examined()).of('read replica')).toBeUndefined();
  });

  it('is good if it is the same database, with its age once an api measures it', async () => {
    expect(await check(own())).toMatchObject({
      grade: 'good',
      finding: 'this database itself, which writes; no api measures its lag',
    });
    await beats('now()');
    expect(await check(own())).toMatchObject({
      grade: 'good',
      finding: expect.stringMatching(/, \d\.\d s old$/),
    });
  });

  it('is bad if it is another database, or does not answer', async () => {
    const other = await createTestDatabase();
    expect(await check(other.urlAs('operator'))).toMatchObject(bad('another database'));
    await other.drop();
    expect(await check('postgres://x:secret@127.0.0.1:1/x')).toMatchObject(
      bad('cannot be reached'),
    );
  });
});

it('names no secret', async () => {
  const { found, err } = await examined({ DATABASE_URL: 'postgres://x:secret@127.0.0.1:1/x' });
  expect(JSON.stringify([found, err])).not.toContain('secret');
});
