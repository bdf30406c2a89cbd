// Goal: a process that took a refund's fence finds out even if the confirmation of the commit was
// lost. Method: the first response of the store is lost, before or after the commit.
import { Refunds } from '@quittance/persistence';
import { eventually } from '../../../../test/support/eventually.js';
import { json } from '../../../../test/support/scripted-gateway.js';
import { atFirstFence, type Fate, unanswered } from '../../test/fence-faults.js';
import { pending, RefundRig } from '../../test/refund-rig.js';
import { WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
let refunds: RefundRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
  refunds = new RefundRig(rig);
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const storeWhoseFirst = (fate: Fate) => atFirstFence(new Refunds(rig.workers), fate);

it.each<[string, Parameters<typeof unanswered>[0]]>([
  ['after the commit', (record) => record()],
  ['before the commit', () => undefined],
])('sends once when the connection broke %s', async (_, event) => {
  const { payment, refund } = await refunds.ask();
  rig.gateway.script = () => json(200, pending(payment));
  await rig.refunding({ refunds: storeWhoseFirst(unanswered(event)) }).advance(refund.id);
  expect(refunds.sent()).toHaveLength(1);
  expect((await refunds.load(refund)).refund).toMatchObject({ status: 'accepted', attempt: 1 });
});

it('leaves the refund to another process that is sending it under the same attempt number', async () => {
  const { payment, refund } = await refunds.ask();
  let answer: () => void = () => undefined;
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  rig.gateway.script = () => isAnswered.then(() => json(200, pending(payment)));
  let faster: Promise<void> | undefined;
  const slower = storeWhoseFirst(
    unanswered(async () => {
      faster = rig.refunding().advance(refund.id);
      await eventually(() => expect(refunds.sent()).toHaveLength(1));
    }),
  );
  await rig.refunding({ refunds: slower }).advance(refund.id);
  expect(refunds.sent()).toHaveLength(1);
  expect((await refunds.load(refund)).refund).toMatchObject({ status: 'submitting', attempt: 1 });
  answer();
  await faster;
  expect((await refunds.load(refund)).refund).toMatchObject({ status: 'accepted', attempt: 1 });
});
