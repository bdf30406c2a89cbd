// Goal: no card outlives the time in which its payment may be sent, whatever prevented the
// submission. Method: the use case with a real Postgres and without queues, gateway and keys.
import { randomUUID } from 'node:crypto';
import { decide, type Payment } from '@quittance/payments';
import { DuePayments, Payments, Terminals } from '@quittance/persistence';
import { systemClock } from '@quittance/platform';
import { WorkerRig } from '../../test/worker-rig.js';
import { NeverSentSweeper } from './never-sent-sweeper.js';

let rig: WorkerRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const OVER = { submitBefore: new Date(Date.now() - 1) };
const ending = (payments = new Payments(rig.workers)) =>
  new NeverSentSweeper(
    new DuePayments(rig.workers),
    payments,
    new Terminals(rig.pool),
    systemClock,
  );

it('ends an overdue payment, erases its card in the same commit, and publishes the event', async () => {
  const over = await rig.accept(OVER);
  const waiting = await rig.accept();
  expect(await ending().end()).toBeUndefined();
  expect(await rig.load(over)).toMatchObject({
    status: 'failed',
    failure: { code: 'never_sent' },
    sealedCard: null,
    version: 2,
  });
  expect(await rig.load(waiting)).toMatchObject({
    status: 'queued',
    sealedCard: expect.any(String),
  });
  const events = await rig.rows(
    `SELECT payment_id, cause, note FROM payment_events WHERE sequence = 2`,
  );
  expect(events).toEqual([{ payment_id: over.id, cause: 'sweeper', note: 'never_sent' }]);
  expect(await rig.rows('SELECT sequence FROM outbox WHERE sequence = 2')).toHaveLength(1);
});

it.each([
  ['its terminal is paused', `UPDATE terminals SET paused_at = now(), paused_reason = 'x'`],
  ['its card cannot be decrypted', `UPDATE payment_intents SET sealed_card = 'lost key'`],
  ['its step is not due', `UPDATE payment_intents SET next_step_at = now() + interval '1 hour'`],
])('ends it even if %s', async (_, sql) => {
  const payment = await rig.accept(OVER);
  await rig.pool.query(sql);
  await ending().end();
  expect(await rig.load(payment)).toMatchObject({ status: 'failed', sealedCard: null });
});

/** Opens the attempt in another process, after the sweeper has claimed the payment. */
class OpensMeanwhile extends Payments {
  override async apply(...args: Parameters<Payments['apply']>): ReturnType<Payments['apply']> {
    const { payment } = args[0];
    const early = new Date(payment.submitBefore.getTime() - 1);
    const open = { cause: 'request', act: 'open', replyBefore: new Date() } as const;
    const decision = decide(payment, open, early);
    await super.record({
      before: payment,
      decision,
      terminalName: 'main',
      opensAttempt: { replyBefore: new Date(), openedBy: randomUUID() },
    });
    return super.apply(...args);
  }
}

it('leaves alone a payment that another process sends at that moment', async () => {
  const payment: Payment = await rig.accept(OVER);
  await ending(new OpensMeanwhile(rig.workers)).end();
  expect(await rig.load(payment)).toMatchObject({ status: 'submitting', sealedCard: null });
});

it('asks for another pass while there are more than one pass ends', async () => {
  for (let index = 0; index < 201; index += 1) await rig.accept(OVER);
  const task = ending();
  expect(await task.end()).toBe('again');
  expect(await task.end()).toBeUndefined();
  expect(await rig.rows(`SELECT id FROM payment_intents WHERE sealed_card IS NOT NULL`)).toEqual(
    [],
  );
});
