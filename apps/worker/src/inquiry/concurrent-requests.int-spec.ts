// Goal: an inquiry in flight never swallows a request for an inquiry now, and an inquiry uses the
// terminal's current settings. Method: the real worker; the gateway delays its answer while the
// test requests an inquiry, and traffic fills the worker's caches.
import { requestInquiry, type Payment } from '@quittance/payments';
import { StepRequests, Payments } from '@quittance/persistence';
import { eventually } from '../../../../test/support/eventually.js';
import { createTestRedis, type TestRedis } from '../../../../test/support/redis.js';
import { json } from '../../../../test/support/scripted-gateway.js';
import { plantWatched } from '../../../../test/support/watched-payments.js';
import { type RunningWorker, startWorker } from '../../test/running-worker.js';
import { TRANS_ID, transaction, WorkerRig } from '../../test/worker-rig.js';

/**
 * Enough for fifty inquiries on a busy machine. A lost one would take the minute of its lease, or
 * forever.
 */
const LONG = { limitMs: 40_000 };

let rig: WorkerRig;
let share: TestRedis;
let worker: RunningWorker;

beforeAll(async () => {
  rig = await WorkerRig.start();
  share = createTestRedis();
});
beforeEach(() => rig.reset());
afterEach(() => worker.stop());
afterAll(async () => {
  await share.clear();
  await rig.stop();
});

const processing = (): Partial<Payment> => ({
  status: 'processing',
  transId: TRANS_ID,
  attempt: 1,
  nextStepAt: new Date(),
});

/**
 * Changes the payment as a callback does: without a transition, and with an inquiry due at once.
 */
async function callBack({ id }: Payment): Promise<void> {
  const payments = new Payments(rig.workers);
  const loaded = await payments.load(id);
  if (!loaded) throw new Error('the payment is gone');
  await payments.apply(loaded, ({ payment }) => ({
    before: payment,
    decision: {
      next: requestInquiry(payment, new Date()),
      move: null,
      unmoved: 'confirm_plain_success',
      isDisbelieved: false,
      restoresCard: false,
      ordersInquiry: false,
      alert: null,
    },
    terminalName: 'main',
  }));
}

/**
 * Makes the gateway answer the first inquiry with `orderStatus` once the returned function is
 * called, and every later one with a success.
 */
function heldAnswer(payment: Payment, orderStatus: string) {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  rig.gateway.script = async () => {
    const isFirst = rig.gateway.requests.length === 1;
    if (isFirst) await held;
    return json(200, transaction(payment, isFirst ? orderStatus : '1'));
  };
  return release;
}

it.each([
  ['a callback', callBack],
  ['a check', ({ id }: Payment) => new StepRequests(rig.workers).payment(id, new Date())],
])('inquires again at once when %s arrives during an inquiry', async (_, ask) => {
  const payment = await rig.accept(processing());
  const release = heldAnswer(payment, '0');
  worker = await startWorker(rig, share);
  await eventually(() => expect(rig.gateway.requests).toHaveLength(1));
  await ask(payment);
  // The second inquiry does not wait for the first answer.
  await eventually(() => expect(rig.gateway.requests.length).toBeGreaterThan(1));
  release();
  await eventually(async () => expect((await rig.load(payment)).status).toBe('succeeded'));
});

it('inquires again at once when the first answer is written after the request', async () => {
  const payment = await rig.accept(processing());
  const inquiry = rig.inquiry();
  const release = heldAnswer(payment, '0');
  const asked = inquiry.inquire(payment.id);
  await eventually(() => expect(rig.gateway.requests).toHaveLength(1));
  await callBack(payment);
  release();
  // The request is still unanswered, even if the first answer, a 0, caused a transition to
  // requiresAction.
  await asked;
  const { nextStepAt } = await rig.load(payment);
  expect(nextStepAt?.getTime()).toBeLessThanOrEqual(Date.now());
  worker = await startWorker(rig, share);
  await eventually(async () => expect((await rig.load(payment)).status).toBe('succeeded'));
});

it('inquires about every payment in doubt with the terminal’s new strategy, under traffic', async () => {
  const doubts = await Promise.all(
    Array.from({ length: 50 }, (_, at) =>
      rig.accept({
        status: 'inDoubt',
        doubtReason: 'no_reply',
        attempt: 1,
        // A third each: given up already, just due, and due later.
        nextStepAt: [null, new Date(), new Date(Date.now() + 3_600_000)][at % 3] ?? null,
      }),
    ),
  );
  rig.gateway.script = ({ body, path }) => {
    const reference = new URLSearchParams(body).get('reference') ?? path.split('/').at(-1) ?? '';
    const transID = transIdOf(reference);
    return json(200, { ...transaction({ reference } as Payment, '0'), transID });
  };
  worker = await startWorker(rig, share);
  const traffic = new AbortController();
  const sending = (async () => {
    while (!traffic.signal.aborted) {
      const payment = await rig.accept();
      await eventually(async () => expect((await rig.load(payment)).version).toBeGreaterThan(2));
    }
  })();
  try {
    const givenUp = `SELECT count(*)::int AS count FROM payment_intents WHERE status = 'in_doubt' AND next_step_at IS NULL`;
    await eventually(
      async () => expect((await rig.rows(givenUp))[0]?.['count']).toBeGreaterThanOrEqual(33),
      LONG,
    );

    // The effect of `terminals set --inquiry reference`.
    await rig.pool.query(`UPDATE terminals SET inquiry = 'reference'`);
    await new StepRequests(rig.workers).doubtsOf('ter_test', new Date());

    await eventually(() => {
      const asked = new Set(rig.gateway.requests.map(({ path }) => path.split('/').at(-1)));
      const left = doubts.map(({ reference }) => reference).filter((one) => !asked.has(one));
      expect(left).toEqual([]);
    }, LONG);
  } finally {
    traffic.abort();
    await sending;
  }
});

it('inquires about a payment that was given up once its terminal offers a way, however it was changed', async () => {
  const payment = await rig.accept({
    status: 'inDoubt',
    doubtReason: 'no_reply',
    attempt: 1,
    nextStepAt: null,
  });
  rig.gateway.script = () => json(200, transaction(payment, '1'));
  await rig.pool.query(`UPDATE terminals SET inquiry = 'reference'`);
  worker = await startWorker(rig, share);
  await eventually(async () => expect((await rig.load(payment)).status).toBe('succeeded'));
});

const transIds = new Map<string, string>();

/** Returns the transID of a reference, a new one for each. */
function transIdOf(reference: string): string {
  const known = transIds.get(reference) ?? String(BigInt(TRANS_ID) + BigInt(transIds.size));
  transIds.set(reference, known);
  return known;
}

it('inquires about a payment in doubt while every place of the watch waits for the gateway', async () => {
  await plantWatched(rig.pool, { count: 2_000, dueAt: new Date(Date.now() - 3_600_000) });
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ofWatch = ({ path }: { readonly path: string }) => path.includes('/7000');
  let doubt: Payment | undefined;
  rig.gateway.script = async (request) => {
    if (ofWatch(request)) await held;
    return json(200, doubt && !ofWatch(request) ? transaction(doubt, '1') : {});
  };
  // Three of the five places are one terminal's share.
  worker = await startWorker(rig, share, { WATCH_CONCURRENCY: '5' });
  await eventually(() => expect(rig.gateway.requests.filter(ofWatch)).toHaveLength(3));
  doubt = await rig.accept({
    status: 'inDoubt',
    doubtReason: 'no_reply',
    attempt: 1,
    transId: TRANS_ID,
    nextStepAt: new Date(),
  });
  await eventually(async () => expect((await rig.load(doubt)).status).toBe('succeeded'));
  // None of the 2,000 jobs of the watch has ended by now.
  expect(rig.gateway.requests.filter(ofWatch)).toHaveLength(3);
  release();
});
