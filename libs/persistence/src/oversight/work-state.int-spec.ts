// Goal: the state of the work names what holds payments back: the terminals that a living worker
// waits for, the merchant with most of them, and a paused lane. Method: rows in a real Postgres,
// read with the rights of the api.
import type { Pool } from 'pg';
import { aPayment, insertTestTerminal } from '../../../../test/support/payments.js';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/postgres.js';
import { LaneHeartbeats } from '../lane-heartbeats.js';
import { Payments } from '../payments.js';
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

it('names the merchant with most of the payments that wait', async () => {
  await owner.query(`INSERT INTO merchants VALUES ('mer_calm', 'calm', now())`);
  await owner.query(`
    INSERT INTO terminals (id, merchant_id, name, base_url, number, public_key, sealed_private_key, protocol,
      callback_encryption, mode, lane, inquiry, created_at)
    SELECT 'ter_calm', 'mer_calm', 'main', base_url, 43, 'key', 'sealed', protocol, callback_encryption, mode, lane,
      inquiry, now() FROM terminals WHERE id = 'ter_test'`);
  const payments = new Payments(owner);
  const accept = (count: number, of = {}) =>
    Promise.all(
      Array.from({ length: count }, () =>
        payments.accept({ payment: aPayment(of), terminalName: 'main', sealedCard: null }),
      ),
    );
  await accept(3, { merchantId: 'mer_calm', terminalId: 'ter_calm' });
  await accept(7);
  const [lane] = (await loadWorkState(api)).lanes;
  expect(lane).toMatchObject({ lane: 'default', waiting: 10, merchant: 'test', of_merchant: 7 });
});

it('names a paused lane, whose payments are not late', async () => {
  await owner.query(
    `INSERT INTO lanes (name, paused_at, paused_by, paused_reason, updated_at) VALUES ('default', now(), 'ann', 'moving', now())`,
  );
  const { lanes, paused_lanes: paused } = await loadWorkState(api);
  expect(lanes).toEqual([]);
  expect(paused).toEqual([
    { lane: 'default', operator: 'ann', reason: 'moving', seconds: expect.any(Number) },
  ]);
});
