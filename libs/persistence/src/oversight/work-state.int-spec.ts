// Goal: the state of the work names what holds payments back: the terminals that a living worker
// waits for, the merchant with most of them, and a paused lane. Method: rows in a real Postgres,
// read with the rights of the api.
import { Client, type Pool } from 'pg';
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

it('reads as few payments of a large database as of a small one', async () => {
  await owner.query(`
    BEGIN; SET LOCAL session_replication_role = replica;
    INSERT INTO payment_intents (id, merchant_id, terminal_id, reference, mode, lane, amount_minor, refunded_minor, currency,
      method, product_name, return_url, customer, metadata, status, version, epoch, inquiries, failure_code, failure_message,
      flags, submit_before, created_at, updated_at)
    SELECT 'pi_00' || n, 'mer_test', 'ter_test', 'OLD-' || n, 'test', 'default', 100, 0, 'EUR', 'CC', 'x', 'https://x.example',
      '{}', '{}', 'declined', 2, 1, 0, 'gateway_declined', 'x', '{}', now(), now() - interval '1 day', now() - interval '1 day'
    FROM generate_series(1, 5000) n; COMMIT`);
  await owner.query('ANALYZE payment_intents');
  const payment = aPayment({ createdAt: new Date(), updatedAt: new Date() });
  await new Payments(owner).accept({ payment, terminalName: 'main', sealedCard: null });
  // A connection of its own, because the view also counts earlier scans that are not yet reported.
  const client = new Client({ connectionString: database.urlAs('api') });
  await client.connect();
  await client.query('BEGIN');
  const { recent } = await loadWorkState(client);
  const { rows } = await client.query<{ read: number }>(
    `SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables WHERE relname = 'payment_intents'`,
  );
  await client.end();
  expect(recent.payments).toBe(1);
  expect(rows[0]?.read).toBeLessThan(1_000);
});
