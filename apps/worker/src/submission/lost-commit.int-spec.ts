// Goal: a process that took a fence finds out even if the confirmation of the commit was lost: it
// sends once, or returns the payment to the queue, and never leaves an unsent payment in doubt.
// Method: responses of the store are lost, before or after the commit.
import { Payments } from '@quittance/persistence';
import { eventually } from '../../../../test/support/eventually.js';
import { json } from '../../../../test/support/scripted-gateway.js';
import { atFirstFence, type Fate, unanswered } from '../../test/fence-faults.js';
import { freeze } from '../../test/freeze.js';
import { transaction, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const storeWhoseFirst = (fate: Fate) => atFirstFence(new Payments(rig.workers), fate);

it.each<[string, Parameters<typeof unanswered>[0]]>([
  ['after the commit', (record) => record()],
  ['before the commit', () => undefined],
])('sends once when the connection broke %s', async (_, event) => {
  const payment = await rig.accept();
  rig.gateway.script = () => json(200, transaction(payment, '25'));
  await rig.submission({ payments: storeWhoseFirst(unanswered(event)) }).submit(payment.id);
  expect(rig.gateway.creates).toHaveLength(1);
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded', attempt: 1 });
  expect(await rig.history()).toEqual(['queued', 'submitting', 'succeeded']);
});

it('returns the payment to the queue when it finds out too late to send', async () => {
  const payment = await rig.accept();
  rig.gateway.script = () => json(200, transaction(payment, '25'));
  const payments = storeWhoseFirst(
    unanswered(async (record) => {
      await record();
      freeze(400);
    }),
  );
  await rig.submission({ payments, timeoutMs: 300 }).submit(payment.id);
  expect(rig.gateway.creates).toEqual([]);
  expect(await rig.load(payment)).toMatchObject({
    status: 'queued',
    sealedCard: expect.any(String),
  });
  await rig.submission().submit(payment.id);
  expect(rig.gateway.creates).toHaveLength(1);
});

it('leaves the payment to another process that is sending it under the same attempt number', async () => {
  const payment = await rig.accept();
  let answer: () => void = () => undefined;
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  rig.gateway.script = () => isAnswered.then(() => json(200, transaction(payment, '0')));
  let faster: Promise<void> | undefined;
  const payments = storeWhoseFirst(
    unanswered(async () => {
      faster = rig.submission().submit(payment.id);
      await eventually(() => expect(rig.gateway.creates).toHaveLength(1));
    }),
  );
  await rig.submission({ payments }).submit(payment.id);
  expect(rig.gateway.creates).toHaveLength(1);
  expect(await rig.load(payment)).toMatchObject({ status: 'submitting', attempt: 1 });
  answer();
  await faster;
  expect(await rig.load(payment)).toMatchObject({ status: 'requiresAction', attempt: 1 });
});

it('does not repeat a fence statement that Postgres rejects', async () => {
  const payment = await rig.accept();
  const refused = Object.assign(new Error('out of range'), { code: '22003' });
  const payments = storeWhoseFirst(() => Promise.reject(refused));
  await expect(rig.submission({ payments }).submit(payment.id)).rejects.toBe(refused);
  expect(await rig.load(payment)).toMatchObject({ status: 'queued', attempt: 0 });
  expect(rig.gateway.requests).toEqual([]);
});
