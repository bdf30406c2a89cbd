// Goal: while a terminal's gateway does not respond, its payments wait unsent, without attempts and
// without events; an inquiry and no payment finds out that it responds again; other terminals'
// payments do not wait. Method: the real worker on a real Postgres and Redis with scripted
// gateways. One refuses connections, accepts them and never replies, or declines.
import type { Payment, Refund } from '@quittance/payments';
import { LaneHeartbeats, Payments, Refunds } from '@quittance/persistence';
import { Redis } from 'ioredis';
import { eventually } from '../../../../test/support/eventually.js';
import { createTestRedis, type TestRedis } from '../../../../test/support/redis.js';
import { aPaidPayment, aRefundOf } from '../../../../test/support/refunds.js';
import {
  type GatewayAnswer,
  type GatewayRequest,
  json,
  ScriptedGateway,
} from '../../../../test/support/scripted-gateway.js';
import { pending, REFUND_PATH } from '../../test/refund-rig.js';
import { type RunningWorker, startWorker } from '../../test/running-worker.js';
import { transaction, WorkerRig } from '../../test/worker-rig.js';

const DEAD = 'ter_dead';
const FAILURES = 3;
/** Long enough for a reply on a machine that has stalled. */
const TIMEOUT_MS = 1_500;
const ENV = {
  GATEWAY_BREAKER_FAILURES: String(FAILURES),
  GATEWAY_BREAKER_INQUIRY_MS: '200',
  GATEWAY_INQUIRY_TIMEOUT_MS: '200',
  GATEWAY_TIMEOUT_MS: String(TIMEOUT_MS),
};
const WAIT = { limitMs: 30_000 };

let rig: WorkerRig;
let share: TestRedis;
let redis: Redis;
/** The gateway of the terminal `dead`. */
let dead: ScriptedGateway;
let worker: RunningWorker | undefined;

beforeAll(async () => {
  rig = await WorkerRig.start();
  dead = await ScriptedGateway.start(() => 'silence');
});
beforeEach(async () => {
  share = createTestRedis();
  redis = new Redis(share.url);
  await rig.reset();
  await rig.addTerminal({ id: DEAD, name: 'dead', baseUrl: dead.url });
  dead.requests.length = 0;
  dead.script = () => 'silence';
  rig.gateway.script = replying('25');
});
afterEach(async () => {
  dead.cut();
  await worker?.stop();
  worker = undefined;
  await dead.close();
  await dead.open();
  await redis.quit();
  await share.clear();
});
afterAll(async () => {
  await dead.close();
  await rig.stop();
});

const replying =
  (orderStatus: string) =>
  ({ path, body }: GatewayRequest): GatewayAnswer => {
    if (!path.startsWith('/api/s2s')) return json(404, {});
    const reference = new URLSearchParams(body).get('reference') ?? '';
    return json(200, transaction({ reference } as Payment, orderStatus));
  };
const start = async () => void (worker = await startWorker(rig, share, ENV));
const becomes = (payment: Payment, status: string) =>
  eventually(async () => expect((await rig.load(payment)).status).toBe(status), WAIT);
const acceptDead = () => rig.accept({ terminalId: DEAD });
const openBreakers = async () => {
  const lanes = await new LaneHeartbeats(rig.workers).read();
  return lanes.flatMap((lane) => lane.openBreakers);
};
const opens = () => eventually(async () => expect(await openBreakers()).toEqual([DEAD]), WAIT);
const closes = () => eventually(async () => expect(await openBreakers()).toEqual([]), WAIT);
const metrics = () => worker?.metrics.registry.metrics();
const CLOSED_ONCE = 'lane_breaker_changes_total{lane="default",to="closed"} 1';
/** Inquiries of the gateway of `dead`. */
const inquiries = () => dead.requests.filter(({ method }) => method === 'GET');
const counted = async (table: string, payment: Payment) =>
  (await rig.rows(`SELECT FROM ${table} WHERE payment_id = '${payment.id}'`)).length;
/** Resolves when the worker has put the job of the payment off. */
const isPutOff = (payment: Payment) =>
  eventually(async () => {
    const ids = await redis.zrange(`${share.prefix}:submission-default:delayed`, '0', '-1');
    expect(ids.join(' ')).toContain(payment.id);
  }, WAIT);

/** Accepts payments until the breaker opens. */
async function open(): Promise<Payment[]> {
  const payments = [];
  for (let count = 0; count < FAILURES; count += 1) payments.push(await acceptDead());
  await start();
  await opens();
  return payments;
}

it('payments wait without attempts while connections are refused, and an inquiry ends that', async () => {
  await dead.close();
  await open();
  const waiting = [await acceptDead(), await acceptDead()];
  for (const payment of waiting) await isPutOff(payment);
  // Another merchant's payments in the same lane go on.
  await becomes(await rig.accept(), 'succeeded');
  for (const payment of waiting) {
    expect(await rig.load(payment)).toMatchObject({ status: 'queued', attempt: 0 });
    expect(await counted('submission_attempts', payment)).toBe(0);
    expect(await counted('payment_events', payment)).toBe(1);
  }
  expect(await metrics()).toContain('lane_breakers_open{lane="default"} 1');

  dead.script = replying('25');
  await dead.open();
  for (const payment of waiting) await becomes(payment, 'succeeded');
  await closes();
  expect(dead.requests[0]?.method).toBe('GET');
  const sent = FAILURES + waiting.length;
  await eventually(() => expect(dead.creates).toHaveLength(sent), WAIT);
  expect(await metrics()).toContain(CLOSED_ONCE);
});

it('a gateway that never replies gets no more payments until it replies to an inquiry', async () => {
  dead.script = () => 'silence';
  const doubtful = await open();
  const waiting = await acceptDead();
  await isPutOff(waiting);
  await eventually(() => expect(inquiries().length).toBeGreaterThan(2), WAIT);
  expect(dead.creates).toHaveLength(FAILURES);
  for (const payment of doubtful) await becomes(payment, 'inDoubt');

  dead.script = (request) => (request.method === 'GET' ? json(404, {}) : replying('25')(request));
  await becomes(waiting, 'succeeded');
  expect(dead.creates).toHaveLength(FAILURES + 1);
});

it('a gateway that replies to inquiries alone gets its payments one after the other', async () => {
  const sentAt: number[] = [];
  dead.script = ({ method }) => {
    if (method === 'GET') return json(404, {});
    sentAt.push(performance.now());
    return 'silence';
  };
  for (let count = 0; count < FAILURES; count += 1) await acceptDead();
  await start();
  await eventually(async () => expect(await metrics()).toContain(CLOSED_ONCE), WAIT);
  const payments = [];
  for (let count = 0; count < 2 * FAILURES; count += 1) payments.push(await acceptDead());
  for (const payment of payments) await becomes(payment, 'inDoubt');
  const gaps = sentAt.slice(FAILURES).map((at, index) => at - (sentAt[FAILURES + index - 1] ?? 0));
  // Each waited for the time-out of the one before, which may have arrived late.
  for (const gap of gaps) expect(gap).toBeGreaterThan(TIMEOUT_MS / 2);
});

it('a gateway that only declines keeps its payments', async () => {
  dead.script = replying('2');
  const payments = [];
  for (let count = 0; count < 4 * FAILURES; count += 1) payments.push(await acceptDead());
  await start();
  for (const payment of payments) await becomes(payment, 'declined');
  expect(inquiries()).toEqual([]);
  expect(await openBreakers()).toEqual([]);
});

it('a payment that waits ends unsent at its deadline', async () => {
  await dead.close();
  await open();
  const late = await rig.accept({
    terminalId: DEAD,
    submitBefore: new Date(Date.now() + 3_000),
  });
  await becomes(late, 'failed');
  expect(await counted('submission_attempts', late)).toBe(0);
});

it('a pause holds while the breaker closes', async () => {
  await dead.close();
  await open();
  const waiting = await acceptDead();
  await isPutOff(waiting);
  await rig.pool.query(`UPDATE terminals SET paused_at = now(), paused_reason = 'maintenance'
    WHERE id = '${DEAD}'`);
  dead.script = replying('25');
  await dead.open();
  await closes();
  expect(dead.creates).toEqual([]);
  expect(await rig.load(waiting)).toMatchObject({ status: 'queued', attempt: 0 });
});

it('a worker that starts while the gateway is unavailable opens its own breaker, and loses nothing', async () => {
  await dead.close();
  const payments = await open();
  await worker?.stop();
  payments.push(await acceptDead(), await acceptDead());
  await start();
  await opens();
  dead.script = replying('25');
  await dead.open();
  for (const payment of payments) await becomes(payment, 'succeeded');
  expect(dead.creates).toHaveLength(payments.length);
});

it('refunds wait too, and end unsent at their deadline', async () => {
  await dead.close();
  await open();
  const request = async (overrides: Partial<Refund> = {}) => {
    const payment = aPaidPayment({ terminalId: DEAD });
    await new Payments(rig.pool).accept({ payment, terminalName: 'dead', sealedCard: null });
    const refund = aRefundOf(payment, overrides);
    await new Refunds(rig.pool).request(refund);
    return { payment, refund };
  };
  const { refund: late } = await request({ submitBefore: new Date(Date.now() + 3_000) });
  const { payment, refund: patient } = await request();
  const statusOf = async ({ id }: { id: string }) =>
    (await new Refunds(rig.pool).load(id))?.refund.status;
  await eventually(async () => expect(await statusOf(late)).toBe('failed'), WAIT);
  expect(await statusOf(patient)).toBe('queued');
  expect(await rig.rows('SELECT FROM refund_attempts')).toEqual([]);

  dead.script = (sent) =>
    sent.path === REFUND_PATH ? json(200, pending(payment)) : replying('25')(sent);
  await dead.open();
  await eventually(async () => expect(await statusOf(patient)).toBe('accepted'), WAIT);
  expect(dead.requests.filter(({ path }) => path === REFUND_PATH)).toHaveLength(1);
});

it('a new address of the gateway counts as another gateway', async () => {
  await dead.close();
  const payments = await open();
  await rig.pool.query(`UPDATE terminals SET base_url = $1 WHERE id = '${DEAD}'`, [
    rig.gateway.url,
  ]);
  for (const payment of payments) await becomes(payment, 'succeeded');
  await closes();
  expect(rig.gateway.requests.every(({ method }) => method === 'POST')).toBe(true);
});
