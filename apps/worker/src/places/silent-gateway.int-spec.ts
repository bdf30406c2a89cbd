// Goal: a gateway that never replies holds up its own terminal and no other. Method: the real
// worker with few places, and two terminals in one lane; one gateway stays silent until the test
// lets it reply. No check depends on time: the other terminal's work must end while every call to
// the silent gateway is still in flight.
import { ABANDONED_AFTER_MS, type Payment } from '@quittance/payments';
import { Redis } from 'ioredis';
import { aRefundOf, aPaidPayment } from '../../../../test/support/refunds.js';
import { newTransId } from '../../../../test/support/payments.js';
import { eventually } from '../../../../test/support/eventually.js';
import { createTestRedis, type TestRedis } from '../../../../test/support/redis.js';
import {
  type GatewayAnswer,
  type GatewayRequest,
  json,
  ScriptedGateway,
} from '../../../../test/support/scripted-gateway.js';
import { Payments, Refunds } from '@quittance/persistence';
import { pending, REFUND_PATH } from '../../test/refund-rig.js';
import { type RunningWorker, startWorker } from '../../test/running-worker.js';
import { transaction, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
let share: TestRedis;
let silent: ScriptedGateway;
let worker: RunningWorker | undefined;

const PLACES = 8;
/** The share of one terminal on its own. */
const SHARE = PLACES / 2;
const SILENT = 'ter_silent';
const FEW_PLACES = {
  SUBMISSION_CONCURRENCY: String(PLACES),
  INQUIRY_CONCURRENCY: String(PLACES),
  REFUND_CONCURRENCY: String(PLACES),
  // Longer than any test.
  GATEWAY_TIMEOUT_MS: '59000',
  GATEWAY_INQUIRY_TIMEOUT_MS: String(ABANDONED_AFTER_MS),
  STOP_LIMIT_MS: '60000',
};

beforeAll(async () => {
  rig = await WorkerRig.start();
  silent = await ScriptedGateway.start(() => 'silence');
});
beforeEach(async () => {
  share = createTestRedis();
  await rig.reset();
  await rig.addTerminal({ id: SILENT, name: 'silent', baseUrl: silent.url });
  silent.requests.length = 0;
  silent.script = () => 'silence';
});
afterEach(async () => {
  // Cuts the calls in flight, so that the worker's stop need not wait for them.
  await silent.close();
  await worker?.stop();
  await silent.open();
  await share.clear();
});
afterAll(async () => {
  await silent.close();
  await rig.stop();
});

const becomes = (payment: Payment, status: string) =>
  eventually(async () => expect((await rig.load(payment)).status).toBe(status));
const approving = ({ body }: GatewayRequest): GatewayAnswer =>
  json(
    200,
    transaction({ reference: new URLSearchParams(body).get('reference') ?? '' } as Payment, '25'),
  );

async function acceptMany(count: number): Promise<Payment[]> {
  const accepted: Payment[] = [];
  for (let at = 0; at < count; at += 1) accepted.push(await rig.accept({ terminalId: SILENT }));
  return accepted;
}

/** Resolves with the number of delayed jobs and the attempts that BullMQ has counted for them. */
async function delayed(queue: string): Promise<{ count: number; attempts: Set<string | null> }> {
  const redis = new Redis(share.url);
  const ids = await redis.zrange(`${share.prefix}:${queue}:delayed`, '0', '-1');
  const attempts = await Promise.all(
    ids.map((id) => redis.hget(`${share.prefix}:${queue}:${id}`, 'atm')),
  );
  await redis.quit();
  return { count: ids.length, attempts: new Set(attempts) };
}

it('submits others’ payments, delays the rest untouched, and sends each once when the gateway replies', async () => {
  rig.gateway.script = approving;
  const stuck = await acceptMany(3 * PLACES);
  worker = await startWorker(rig, share, FEW_PLACES);
  await eventually(() => expect(silent.creates).toHaveLength(SHARE));

  for (let at = 0; at < 3; at += 1) await becomes(await rig.accept(), 'succeeded');
  expect(silent.creates).toHaveLength(SHARE);
  const { attempts: used } = await eventually(async () => {
    const put = await delayed('submission-default');
    expect(put.count).toBe(stuck.length - SHARE);
    return put;
  });
  // No fence was taken for the delayed ones, and no attempt of their jobs is used up.
  const attempts =
    await rig.rows(`SELECT FROM submission_attempts a JOIN payment_intents p ON p.id = a.payment_id
    WHERE p.terminal_id = '${SILENT}'`);
  expect(attempts).toHaveLength(SHARE);
  expect([...used]).toEqual([null]);

  silent.script = approving;
  silent.cut();
  for (const payment of stuck.slice(SHARE)) await becomes(payment, 'succeeded');
  const references = silent.creates.map(({ body }) => new URLSearchParams(body).get('reference'));
  expect(new Set(references).size).toBe(references.length);
  expect(references).toHaveLength(stuck.length);
});

it('submits delayed payments in the next worker, from Postgres if Redis has lost them', async () => {
  const stuck = await acceptMany(2 * PLACES);
  worker = await startWorker(rig, share, FEW_PLACES);
  await eventually(async () =>
    expect((await delayed('submission-default')).count).toBe(stuck.length - SHARE),
  );
  await silent.close();
  await worker.stop();
  const redis = new Redis(share.url);
  for (const key of await redis.keys(`${share.prefix}*`)) await redis.del(key);
  await redis.quit();
  silent.script = approving;
  await silent.open();
  worker = await startWorker(rig, share, FEW_PLACES);
  await eventually(async () => {
    const left = await rig.rows(
      `SELECT status FROM payment_intents WHERE status IN ('queued', 'submitting')`,
    );
    expect(left).toEqual([]);
  });
  expect(silent.creates).toHaveLength(stuck.length);
});

it('makes others’ inquiries', async () => {
  const doubt = () =>
    ({
      status: 'inDoubt',
      doubtReason: 'no_reply',
      transId: newTransId(),
      attempt: 1,
      nextStepAt: new Date(),
    }) as const;
  for (let at = 0; at < 3 * PLACES; at += 1) await rig.accept({ terminalId: SILENT, ...doubt() });
  worker = await startWorker(rig, share, FEW_PLACES);
  await eventually(() => expect(silent.requests).toHaveLength(SHARE));
  const payment = await rig.accept(doubt());
  rig.gateway.script = () => json(200, { ...transaction(payment, '25'), transID: payment.transId });
  await becomes(payment, 'succeeded');
  expect(silent.requests).toHaveLength(SHARE);
});

it('submits others’ refunds', async () => {
  const ask = async (terminalId?: string) => {
    const payment = aPaidPayment(terminalId === undefined ? {} : { terminalId });
    await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
    const refund = aRefundOf(payment);
    await new Refunds(rig.pool).request(refund);
    return { payment, refund };
  };
  for (let at = 0; at < 2 * PLACES; at += 1) await ask(SILENT);
  worker = await startWorker(rig, share, FEW_PLACES);
  const sent = () => silent.requests.filter(({ path }) => path === REFUND_PATH);
  await eventually(() => expect(sent()).toHaveLength(SHARE));
  const { payment, refund } = await ask();
  rig.gateway.script = () => json(200, pending(payment));
  await eventually(async () => {
    const loaded = await new Refunds(rig.pool).load(refund.id);
    expect(loaded?.refund.status).toBe('accepted');
  });
  expect(sent()).toHaveLength(SHARE);
});
