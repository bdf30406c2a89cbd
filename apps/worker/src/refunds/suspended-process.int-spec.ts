// Goal: a process that is suspended between a refund's fence and the first byte, for any time,
// sends no request that other processes no longer expect. Method: the test freezes the event loop
// right after the commit of the fence, as SIGSTOP would.
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

/** Ends the attempt as another worker's sweep does. */
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

it('sends nothing once its time is over, and returns the refund to the queue', async () => {
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

it('sends nothing when another process has taken over the refund', async () => {
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
  // The only process that could have sent the request reports that it did not, so the amount is
  // free again.
  expect(await refunds.load(refund)).toMatchObject({
    refund: { status: 'failed', failure: { code: 'gateway_unreachable' } },
    payment: { refundReservedMinor: 0n },
  });
  expect(await rig.rows('SELECT outcome, reason FROM refund_attempts')).toEqual([
    { outcome: 'notSent', reason: 'fence_lost' },
  ]);
});

it('sends when it was suspended only for a moment and the fence is still its own', async () => {
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
