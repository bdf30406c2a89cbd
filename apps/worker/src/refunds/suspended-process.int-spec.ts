// Goal: a process that is held up between a refund's fence and the first byte, for any time, asks
// for nothing that others have stopped reckoning with. Method: the event loop is frozen right after
// the fence was committed, as SIGSTOP would.
import { decideRefund } from '@quittance/payments';
import { Refunds } from '@quittance/persistence';
import { atFirstFence, suspended } from '../../test/fence-faults.js';
import { freeze } from '../../test/freeze.js';
import { pending, RefundRig } from '../../test/refund-rig.js';
import { WorkerRig } from '../../test/worker-rig.js';
import { json } from '../../../../test/support/scripted-gateway.js';

let rig: WorkerRig;
let refunds: RefundRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
  refunds = new RefundRig(rig);
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

/** Another worker gives the attempt up. */
async function sweep(id: string): Promise<void> {
  const store = new Refunds(rig.workers);
  const loaded = await store.load(id);
  if (!loaded) throw new Error('the refund is gone');
  const evidence = { cause: 'sweeper', act: 'abandoned' } as const;
  await store.apply(loaded, (before) => ({
    before,
    decision: decideRefund(before, evidence, new Date()),
    terminalName: 'main',
  }));
}

it('asks for nothing once its time is over, and puts the refund back for another try', async () => {
  const { payment, refund } = await refunds.ask();
  rig.gateway.script = () => json(200, pending(payment));
  const held = atFirstFence(
    new Refunds(rig.workers),
    suspended(() => freeze(400)),
  );
  await rig.refunding({ refunds: held, timeoutMs: 300 }).advance(refund.id);
  expect(refunds.sent()).toEqual([]);
  expect((await refunds.load(refund)).refund).toMatchObject({ status: 'queued', attempt: 1 });
  await rig.refunding().advance(refund.id);
  expect(refunds.sent()).toHaveLength(1);
  expect((await refunds.load(refund)).refund).toMatchObject({ status: 'accepted', attempt: 2 });
});

it('asks for nothing when the refund was taken from it meanwhile', async () => {
  const { payment, refund } = await refunds.ask();
  rig.gateway.script = () => json(200, pending(payment));
  const held = atFirstFence(
    new Refunds(rig.workers),
    suspended(async () => {
      await sweep(refund.id);
      freeze(300);
    }),
  );
  await rig.refunding({ refunds: held, timeoutMs: 30_000 }).advance(refund.id);
  expect(refunds.sent()).toEqual([]);
  // Nothing was sent, by the word of the only process that could have: the amount is free again.
  expect(await refunds.load(refund)).toMatchObject({
    refund: { status: 'failed', failure: { code: 'gateway_unreachable' } },
    payment: { refundReservedMinor: 0n },
  });
  expect(await rig.rows('SELECT outcome, reason FROM refund_attempts')).toEqual([
    { outcome: 'notSent', reason: 'fence_lost' },
  ]);
});

it('asks when it was held up for a moment only and the refund is still its own', async () => {
  const { payment, refund } = await refunds.ask();
  rig.gateway.script = () => json(200, pending(payment));
  const held = atFirstFence(
    new Refunds(rig.workers),
    suspended(() => freeze(300)),
  );
  await rig.refunding({ refunds: held, timeoutMs: 30_000 }).advance(refund.id);
  expect(refunds.sent()).toHaveLength(1);
  expect((await refunds.load(refund)).refund.status).toBe('accepted');
});
