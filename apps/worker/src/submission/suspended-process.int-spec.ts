// Goal: a process that is held up between its fence and the first byte, for any time, sends nothing
// that others have stopped reckoning with. Method: the event loop is frozen right after the fence
// was committed, as SIGSTOP would.
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

it('sends nothing once its time is over, and puts the payment back for another try', async () => {
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

it('sends nothing when the payment was taken from it meanwhile', async () => {
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
  // Nothing was sent, and nobody can send any more: the card is gone.
  expect(await rig.load(payment)).toMatchObject({
    status: 'failed',
    failure: { code: 'gateway_unreachable' },
  });
  expect(await rig.rows('SELECT outcome, reason FROM submission_attempts')).toEqual([
    { outcome: 'notSent', reason: 'fence_lost' },
  ]);
});

it('sends when it was held up for a moment only and the payment is still its own', async () => {
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
