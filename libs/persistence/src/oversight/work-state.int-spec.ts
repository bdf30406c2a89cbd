// Goal: the state of the work names the terminals that a living worker holds back. Method: lanes of
// workers over a real Postgres, read with the rights of the api.
import type { Pool } from 'pg';
import { insertTestTerminal } from '../../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { LaneHeartbeats } from '../lane-heartbeats.js';
import { createPool } from '../pool.js';
import { loadWorkState } from './work-state.js';

let database: TestDatabase;
let owner: Pool;
let api: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { applicationName: 'work-state', connections: 4, onError: () => undefined };
  owner = createPool({ databaseUrl: database.url, ...options });
  api = createPool({ databaseUrl: database.urlAs('api'), ...options });
  await insertTestTerminal(owner);
});
afterAll(async () => {
  await Promise.all([owner.end(), api.end()]);
  await database.drop();
});

it('names a terminal once that several workers hold back, and none of a dead worker', async () => {
  const lane = { lane: 'default', inFlight: 0, concurrency: 1, limitedForMs: 0 };
  for (let count = 0; count < 2; count += 1)
    await new LaneHeartbeats(owner).write([{ ...lane, openBreakers: ['ter_test'] }]);
  await new LaneHeartbeats(owner).write([{ ...lane, openBreakers: [] }]);
  const { held } = await loadWorkState(api);
  expect(held).toEqual([{ terminal: 'main', merchant: 'test' }]);
  await owner.query(`UPDATE worker_lanes SET seen_at = now() - interval '11 seconds'`);
  expect((await loadWorkState(api)).held).toEqual([]);
});
