// Goal: over five real processes, a refund reaches the gateway at most once whatever breaks, and
// ends as the gateway's ledger says. Method: approved payments, a scripted fault or a kill at the
// worst moment; the sandbox's ledger judges. The scenarios run side by side, because they mostly
// wait for schedules; the faults that affect all of them come first.
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { Orders, PaymentsApi, type PaymentView, Sandbox } from './support/clients.js';
import { paymentRequest, SCENARIOS } from './demo/scenarios.js';
import { eventually } from './support/eventually.js';
import { startTestStack, type TestStack } from './support/processes.js';
import { type PrivateRedis, startPrivateRedis } from './support/redis.js';

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
/** The sweeper gives a dead worker its reply deadline and 15 s. */
const SWEEP_LIMIT_MS = 60_000;
const REFUND_PATH = '/api/transactions/refund-request';

let pool: Pool;
let redis: PrivateRedis;
let testStack: TestStack;
let api: PaymentsApi;
let sandbox: Sandbox;
/**
 * The payment whose worker is killed with the request in flight, and the one whose job is lost with
 * Redis.
 */
let interrupted: { readonly killed: PaymentView; readonly lost: PaymentView };
let paymentCount = 0;

beforeAll(async () => {
  redis = await startPrivateRedis();
  testStack = await startTestStack({
    redisUrl: redis.url,
    extra: { GATEWAY_TIMEOUT_MS: '2000' },
  });
  pool = new Pool({ connectionString: testStack.setup.databaseUrl });
  api = new PaymentsApi(testStack.stack.urls.api, testStack.merchant.apiKey);
  sandbox = new Sandbox(testStack.stack.urls.sandbox);
  const [killed, lost] = await Promise.all([paid(), paid()]);
  const { asked } = await killWithRequestInFlight(killed);
  await Promise.all([asked, loseJob(lost)]);
  interrupted = { killed, lost };
}, START_LIMIT_MS);

afterAll(async () => {
  await pool?.end();
  await testStack?.stop();
  await redis?.stop();
}, STOP_LIMIT_MS);

const approved = SCENARIOS.find(({ name }) => name === 'approved-by-acquirer');
if (!approved) throw new Error('no scenario approves by the acquirer');
const scenario = approved;

async function paid(): Promise<PaymentView> {
  paymentCount += 1;
  const reference = `REFUND-${paymentCount}`;
  const request = paymentRequest(scenario, { reference, returnUrl: sandbox.returnUrl });
  const { payment } = await api.create(request);
  return reaches(payment, 'succeeded');
}
const reaches = ({ id }: PaymentView, status: string) =>
  api.until(id, (payment) => payment.status === status, status);
const ask = ({ id, reference }: PaymentView, amount: string | null = null) =>
  api.refund(id, { reference: `${reference}-rf`, amount });
const complete = async (payment: PaymentView) => {
  const { gateway } = await reaches(payment, 'refund_pending');
  await sandbox.completeRefund(gateway?.trans_id ?? '');
};
const requests = async ({ reference }: PaymentView) =>
  (await sandbox.ledger(reference)).data.reduce((sum, row) => sum + row.refund_requests, 0);
interface StoredRefund {
  readonly id: string;
  readonly status: string;
  readonly inquiries: number;
}
/** The refund as it is stored. It says only when to look: the ledger judges. */
async function stored({ id }: PaymentView): Promise<StoredRefund> {
  const sql = 'SELECT id, status, inquiries FROM refunds WHERE payment_id = $1';
  const { rows } = await pool.query<StoredRefund>(sql, [id]);
  if (!rows[0]) throw new Error('there is no refund yet');
  return rows[0];
}
/** Resolves once the order domain has handled exactly these transitions of the refund, in order. */
const publishes = ({ reference, version }: PaymentView, statuses: readonly string[]) =>
  eventually(
    async () => {
      const { refunds } = await new Orders(testStack.stack.urls.orders).until(reference, version);
      const [refund] = refunds;
      expect(refund).toMatchObject({ reference: `${reference}-rf`, status: statuses.at(-1) });
      expect(refund?.events.map(({ type, sequence }) => `${sequence} ${type}`)).toEqual(
        statuses.map((status, at) => `${at + 1} refund.${status}.v1`),
      );
    },
    { limitMs: 30_000 },
  );
const breaks = ({ reference }: PaymentView, fault: Readonly<Record<string, unknown>>) =>
  sandbox.fault({ match: { reference, path: REFUND_PATH }, ...fault });

it.concurrent.each([
  ['the whole', null, 'refunded', '11.11'],
  ['a part', '5.00', 'partially_refunded', '5.00'],
])('refunds %s, and publishes it to the order domain', async (_what, amount, status, refunded) => {
  const payment = await paid();
  expect(await ask(payment, amount)).toMatchObject({ status: 'pending' });
  expect(await reaches(payment, 'refund_pending')).toMatchObject({ refunded_amount: '0.00' });
  await complete(payment);
  const ended = await reaches(payment, status);
  expect(ended.refunded_amount).toBe(refunded);
  const order = await new Orders(testStack.stack.urls.orders).until(
    payment.reference,
    ended.version,
  );
  expect(order.events.map(({ type }) => type).slice(-3)).toEqual([
    'payment.succeeded.v1',
    'payment.refund_pending.v1',
    `payment.${status}.v1`,
  ]);
  await publishes(payment, ['pending', 'submitting', 'pending', 'succeeded']);
  expect(await requests(payment)).toBe(1);
});

it.concurrent.each([
  'drop_after_processing',
  'status_500_after_processing',
  'garbage_reply',
  'raw_text_reply',
  'empty_reply',
  'truncate_reply',
])('finds the outcome of a refund by an inquiry after %s', async (fault) => {
  const payment = await paid();
  await breaks(payment, { fault });
  expect(await ask(payment)).toMatchObject({ status: 'in_doubt' });
  await complete(payment);
  await reaches(payment, 'refunded');
  expect(await requests(payment)).toBe(1);
});

it.concurrent(
  'leaves a refund in doubt that the gateway dropped, and never sends it again',
  async () => {
    const payment = await paid();
    await breaks(payment, { fault: 'drop_before_processing' });
    const { status, doubt_reason: reason } = await ask(payment);
    expect([status, reason]).toEqual(['in_doubt', 'no_reply']);
    // Two inquiries later nothing has changed.
    await eventually(
      async () => {
        expect((await stored(payment)).inquiries).toBeGreaterThanOrEqual(2);
      },
      { limitMs: 30_000 },
    );
    expect((await stored(payment)).status).toBe('in_doubt');
    expect(await requests(payment)).toBe(1);
  },
);

it.concurrent(
  'inquires about a refund whose worker was killed between the fence and the reply',
  async () => {
    const { killed } = interrupted;
    await eventually(async () => expect((await stored(killed)).status).toBe('accepted'), {
      limitMs: SWEEP_LIMIT_MS,
    });
    await complete(killed);
    await reaches(killed, 'refunded');
    await publishes(killed, ['pending', 'submitting', 'in_doubt', 'pending', 'succeeded']);
    expect(await requests(killed)).toBe(1);
  },
  2 * SWEEP_LIMIT_MS,
);

it.concurrent('sends a refund whose job was lost with Redis', async () => {
  const { lost } = interrupted;
  await complete(lost);
  await reaches(lost, 'refunded');
  await publishes(lost, ['pending', 'submitting', 'pending', 'succeeded']);
  expect(await requests(lost)).toBe(1);
});

/** The worker dies when the gateway has the request and has not replied; another one starts. */
async function killWithRequestInFlight(
  payment: PaymentView,
): Promise<{ readonly asked: Promise<unknown> }> {
  await breaks(payment, { fault: 'delay_ms', ms: 1_500 });
  const asked = ask(payment);
  await eventually(async () => expect(await requests(payment)).toBe(1));
  await testStack.stack.process('worker')?.kill();
  await startWorker();
  return { asked };
}

/** Redis is flushed while the refund's job waits in it for a worker. */
async function loseJob(payment: PaymentView): Promise<void> {
  await testStack.stack.process('worker')?.stop();
  const asked = ask(payment);
  const { id } = await eventually(() => stored(payment));
  const client = new Redis(redis.url);
  await eventually(async () => expect(await client.keys(`*${id}*`)).not.toEqual([]));
  await client.flushall();
  await client.quit();
  await startWorker();
  await asked;
}

async function startWorker(): Promise<void> {
  testStack.stack.launch('worker');
  await testStack.stack.untilReady('worker');
}
