// Goal: a process that is suspended between its fence and the first byte, for any time, sends no
// request that other processes no longer expect. Method: the test freezes the event loop right
// after the commit of the fence, as SIGSTOP would.
import { decide } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import { json } from '../../../../test/support/scripted-gateway.js';
import { atFirstFence, suspended } from '../../test/fence-faults.js';
import { freeze } from '../../test/freeze.js';
import { transaction, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

async function sweep(id: string): Promise<void> {
  const payments = new Payments(rig.workers);
  const loaded = await payments.load(id);
  if (!loaded) throw new Error('the payment is gone');
  const evidence = { cause: 'sweeper', act: 'abandoned' } as const;
  await payments.apply(loaded, ({ payment }) => ({
    before: payment,
    decision: decide(payment, evidence, new Date()),
    terminalName: 'main',
  }));
}

it('sends nothing once its time is over, and returns the payment to the queue', async () => {
  const payment = await rig.accept();
  rig.gateway.script = () => json(200, transaction(payment, '25'));
  const payments = atFirstFence(
    new Payments(rig.workers),
    suspended(() => freeze(400)),
  );
  await rig.submission({ payments, timeoutMs: 300 }).submit(payment.id);
  expect(rig.gateway.creates).toEqual([]);
  expect(await rig.load(payment)).toMatchObject({
    status: 'queued',
    attempt: 1,
    sealedCard: expect.any(String),
  });
  await rig.submission().submit(payment.id);
  expect(rig.gateway.creates).toHaveLength(1);
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded' });
});

it('sends nothing when another process has taken over the payment', async () => {
  const payment = await rig.accept();
  rig.gateway.script = () => json(200, transaction(payment, '25'));
  const payments = atFirstFence(
    new Payments(rig.workers),
    suspended(async () => {
      await sweep(payment.id);
      freeze(300);
    }),
  );
  await rig.submission({ payments, timeoutMs: 30_000 }).submit(payment.id);
  expect(rig.gateway.creates).toEqual([]);
  // Nothing was sent, and no process can send any more, because the card is erased.
  expect(await rig.load(payment)).toMatchObject({
    status: 'failed',
    failure: { code: 'gateway_unreachable' },
  });
  expect(await rig.rows('SELECT outcome, reason FROM submission_attempts')).toEqual([
    { outcome: 'notSent', reason: 'fence_lost' },
  ]);
});

it('sends when it was suspended only for a moment and the fence is still its own', async () => {
  const payment = await rig.accept();
  rig.gateway.script = () => json(200, transaction(payment, '25'));
  const payments = atFirstFence(
    new Payments(rig.workers),
    suspended(() => freeze(300)),
  );
  await rig.submission({ payments, timeoutMs: 30_000 }).submit(payment.id);
  expect(rig.gateway.creates).toHaveLength(1);
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded' });
});
