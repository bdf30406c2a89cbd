// Goal: readers see the lanes of just those workers that are alive. Method: several workers' stores
// over a real Postgres, with the rights of the processes, and rows set back by hand.
import type { Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { createPool } from './pool.js';
import { type ServedLane, LaneHeartbeats } from './lane-heartbeats.js';

let database: TestDatabase;
let pools: Pool[];
let [owner, asWorker, asApi, asOperator]: Pool[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { applicationName: 'lanes', connections: 4, onError: () => undefined };
  pools = [
    database.url,
    database.urlAs('worker'),
    database.urlAs('api'),
    database.urlAs('operator'),
  ].map((databaseUrl) => createPool({ databaseUrl, ...options }));
  [owner, asWorker, asApi, asOperator] = pools;
});
beforeEach(() => owner!.query('DELETE FROM worker_lanes'));
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

const worker = () => new LaneHeartbeats(asWorker!);
const served = (lane: string, fields: Partial<ServedLane> = {}): ServedLane => ({
  lane,
  inFlight: 0,
  concurrency: 256,
  openBreakers: [],
  limitedForMs: 0,
  ...fields,
});
const seen = (lane: string, fields: object = {}): object =>
  expect.objectContaining({ lane, inFlight: 0, openBreakers: [], limitedUntil: null, ...fields });
const setBack = (by: string) =>
  owner!.query('UPDATE worker_lanes SET seen_at = seen_at - $1::interval', [by]);

it('the api and the operator read the lanes of all workers', async () => {
  await worker().write([served('fast', { inFlight: 3, openBreakers: ['ter_a', 'ter_b'] })]);
  await worker().write([served('default', { limitedForMs: 60_000 }), served('fast')]);
  const expected = [
    seen('default', { limitedUntil: expect.any(Date) }),
    seen('fast', { inFlight: 3, openBreakers: ['ter_a', 'ter_b'] }),
    seen('fast'),
  ];
  for (const pool of [asApi!, asOperator!]) {
    const read = await new LaneHeartbeats(pool).read();
    expect(
      read.toSorted((a, b) => a.lane.localeCompare(b.lane) || b.inFlight - a.inFlight),
    ).toEqual(expected);
    expect(new Set(read.map(({ workerId }) => workerId)).size).toBe(2);
  }
});

it('a worker replaces its own lanes and leaves those of others', async () => {
  const [one, other] = [worker(), worker()];
  await one.write([served('gone'), served('stays')]);
  await other.write([served('gone')]);
  await one.write([served('new'), served('stays', { inFlight: 1 })]);
  expect(await one.read()).toEqual([seen('gone'), seen('new'), seen('stays', { inFlight: 1 })]);
  await other.remove();
  expect(await one.read()).toEqual([seen('new'), seen('stays', { inFlight: 1 })]);
});

it('a rate that was used up ends by itself, but not between two heartbeats', async () => {
  const endedBefore = (time: string) =>
    owner!.query(`UPDATE worker_lanes SET limited_until = now() - $1::interval`, [time]);
  await worker().write([served('default', { limitedForMs: 60_000 })]);
  await endedBefore('1 second');
  expect(await worker().read()).toEqual([seen('default', { limitedUntil: expect.any(Date) })]);
  await endedBefore('3 seconds');
  expect(await worker().read()).toEqual([seen('default')]);
});

it('a dead worker is ignored after ten seconds and deleted after a minute', async () => {
  const [dead, alive] = [worker(), worker()];
  await dead.write([served('default'), served('fast')]);
  await setBack('11 seconds');
  await alive.write([served('default')]);
  expect(await alive.read()).toEqual([seen('default')]);
  expect((await owner!.query('SELECT FROM worker_lanes')).rowCount).toBe(3);
  await setBack('1 minute');
  // Several at once: each row is deleted once, and no worker waits for another.
  await Promise.all([alive, worker(), worker()].map((one) => one.write([])));
  expect((await owner!.query('SELECT FROM worker_lanes')).rowCount).toBe(0);
});

it('a worker that was suspended appears again', async () => {
  const one = worker();
  await one.write([served('default')]);
  await setBack('2 minutes');
  await worker().write([]);
  await one.write([served('default')]);
  expect(await one.read()).toEqual([seen('default')]);
});
