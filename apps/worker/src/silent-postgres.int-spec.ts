// Goal: a worker whose connection to Postgres falls silent holds its payments no longer than its
// deadlines allow, and sends none twice. Method: two real workers; the connection of one stops
// carrying data while the gateway replies.
import type { Payment } from '@quittance/payments';
import { POSTGRES_DEADLINES } from '@quittance/postgres';
import { eventually } from '../../../test/support/eventually.js';
import { createTestRedis, type TestRedis } from '../../../test/support/redis.js';
import { json } from '../../../test/support/scripted-gateway.js';
import { linkTo, type SeverableLink } from '../../../test/support/severable-link.js';
import { type RunningWorker, startWorker } from '../test/running-worker.js';
import { transaction, WorkerRig } from '../test/worker-rig.js';

const PAYMENTS = 40;
/**
 * The longest wait for a pool turn, a connection and an answer, the second until another worker
 * gets the job, and thirty for a slow machine.
 */
const TAKEN_OVER_WITHIN_MS =
  5_000 + POSTGRES_DEADLINES.connectMs + POSTGRES_DEADLINES.answerMs + 1_000 + 30_000;

let rig: WorkerRig;
let share: TestRedis;
let link: SeverableLink;
let workers: RunningWorker[] = [];

beforeAll(async () => {
  rig = await WorkerRig.start();
  share = createTestRedis();
});
beforeEach(async () => {
  await rig.reset();
  link = await linkTo(rig.database.url);
});
afterEach(async () => {
  link.speak();
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await link.cut();
});
afterAll(async () => {
  await share.clear();
  await rig.stop();
});

/** Makes the gateway approve every payment once `until` has resolved. */
function approveAll(until: Promise<void> = Promise.resolve()): void {
  rig.gateway.script = ({ body }) => {
    const reference = new URLSearchParams(body).get('reference') ?? '';
    // Each transaction has its own transID.
    const transID = `1${String(rig.gateway.creates.length).padStart(17, '0')}`;
    const approved = { ...transaction({ reference } as Payment, '25'), transID };
    return until.then(() => json(200, approved));
  };
}

async function acceptMany(): Promise<Payment[]> {
  const payments: Payment[] = [];
  for (let at = 0; at < PAYMENTS; at += 1) payments.push(await rig.accept());
  return payments;
}

async function expectAllSucceedOnce(payments: readonly Payment[]): Promise<void> {
  await eventually(
    async () => {
      const rows = await rig.rows(`SELECT id FROM payment_intents WHERE status <> 'succeeded'`);
      expect(rows).toEqual([]);
    },
    { limitMs: TAKEN_OVER_WITHIN_MS },
  );
  const sent = rig.gateway.creates.map(({ body }) => new URLSearchParams(body).get('reference'));
  expect(sent).toHaveLength(payments.length);
  expect(new Set(sent)).toEqual(new Set(payments.map(({ reference }) => reference)));
}

const startSilent = async (env: Readonly<Record<string, string>> = {}) =>
  workers.push(await startWorker(rig, share, env, link.url));
const startSound = async () => workers.push(await startWorker(rig, share));

it('stores replies that arrived during the silence, and sends nothing twice', async () => {
  let answer: () => void = () => undefined;
  approveAll(new Promise((resolve) => (answer = resolve)));
  const payments = await acceptMany();
  // The first requests wait for the last one.
  await startSilent({ GATEWAY_TIMEOUT_MS: '20000' });
  await eventually(() => expect(rig.gateway.creates.length).toBe(PAYMENTS));
  link.silence();
  answer();
  await expectAllSucceedOnce(payments);
});

it('lets another worker submit payments whose jobs it holds', async () => {
  approveAll();
  await startSilent();
  // By now its loops run over several connections.
  const first = await rig.accept();
  await eventually(async () => expect((await rig.load(first)).status).toBe('succeeded'));
  await startSound();
  link.silence();
  const payments = [first, ...(await acceptMany())];
  await expectAllSucceedOnce(payments);
});

it('lets another worker submit them also when new connections are silent', async () => {
  approveAll();
  await startSilent();
  const first = await rig.accept();
  await eventually(async () => expect((await rig.load(first)).status).toBe('succeeded'));
  link.silence({ new: 'silent' });
  const payments = [first, ...(await acceptMany())];
  await startSound();
  await expectAllSucceedOnce(payments);
});
