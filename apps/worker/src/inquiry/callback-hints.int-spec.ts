// Goal: a payment whose reply was lost is settled by the gateway's answer about the transactions
// that callbacks have named; a forged transID settles nothing. Method: stored callbacks, and a
// gateway that knows some of their transactions.
import type { Payment } from '@quittance/payments';
import { json } from '../../../../test/support/scripted-gateway.js';
import { TRANS_ID, transaction, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

const LOOK_UP = '/api/authurl/s2s/';
const asked = () => rig.gateway.requests.map(({ path }) => path.replace(LOOK_UP, ''));

const lost = (): Promise<Payment> =>
  rig.accept({
    status: 'inDoubt',
    doubtReason: 'no_reply',
    attempt: 1,
    nextStepAt: new Date(),
  });

/** Stores callbacks that name these transactions, a second apart. */
async function called(payment: Payment, transIds: readonly string[], verdict = 'awaiting_inquiry') {
  for (const [at, transID] of transIds.entries()) {
    await rig.pool.query(
      `INSERT INTO callbacks (payment_id, content_sha256, encrypted, verdict, reason, fields, received_at)
       VALUES ($1, sha256($2::bytea), false, $3::callback_verdict, 'x', $4, now() + $5 * interval '1 second')`,
      [payment.id, `${verdict}-${transID}`, verdict, { transID }, at],
    );
  }
}

/** Makes the gateway know these transactions and no others. */
function holds(transactions: Readonly<Record<string, object>>): void {
  rig.gateway.script = ({ path }) => {
    const entry = transactions[path.replace(LOOK_UP, '')];
    return entry ? json(200, entry) : json(404, { error: 'S2S status response not found' });
  };
}

it('settles by the transaction that fits, and stores its transID', async () => {
  const payment = await lost();
  await called(payment, ['999', TRANS_ID]);
  const foreign = { ...transaction(payment, '2'), transID: '999', reference: 'OTHER' };
  holds({ 999: foreign, [TRANS_ID]: transaction(payment, '25') });
  await rig.inquiry().inquire(payment.id);
  expect(new Set(asked())).toEqual(new Set(['999', TRANS_ID]));
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded', transId: TRANS_ID });
  expect(await rig.rows('SELECT cause FROM payment_events WHERE sequence = 2')).toEqual([
    { cause: 'inquiry' },
  ]);
});

it('follows the gateway’s answer and not the callback', async () => {
  const payment = await lost();
  await called(payment, [TRANS_ID]);
  holds({ [TRANS_ID]: transaction(payment, '2') });
  await rig.inquiry().inquire(payment.id);
  expect(await rig.load(payment)).toMatchObject({ status: 'declined', transId: TRANS_ID });
});

it('stays in doubt without a transID when callbacks named only other payments’ transactions', async () => {
  const payment = await lost();
  await called(payment, ['999']);
  holds({ 999: { ...transaction(payment, '1'), transID: '999', reference: 'OTHER' } });
  await rig.inquiry().inquire(payment.id);
  // Without another strategy of the terminal, only a callback or an operator can settle it.
  expect(await rig.load(payment)).toMatchObject({
    status: 'inDoubt',
    transId: null,
    nextStepAt: null,
  });
});

it('inquires again while the gateway does not answer about a named transaction', async () => {
  const payment = await lost();
  await called(payment, [TRANS_ID]);
  rig.gateway.script = () => json(200, {});
  const before = Date.now();
  await rig.inquiry().inquire(payment.id);
  const waiting = await rig.load(payment);
  expect(waiting).toMatchObject({ status: 'inDoubt', transId: null });
  expect(waiting.nextStepAt?.getTime()).toBeGreaterThan(before);
});

it('does not choose between two transactions that fit', async () => {
  const payment = await lost();
  await called(payment, ['998', TRANS_ID]);
  holds({
    998: { ...transaction(payment, '1'), transID: '998' },
    [TRANS_ID]: transaction(payment, '1'),
  });
  await rig.inquiry().inquire(payment.id);
  expect(await rig.load(payment)).toMatchObject({ status: 'inDoubt', transId: null });
  expect(await rig.rows('SELECT answer, detail FROM doubt_inquiries')).toEqual([
    { answer: 'unanswered', detail: 'several_transactions_fit' },
  ]);
});

it('ignores transactions that callbacks named in reports that do not fit', async () => {
  const payment = await lost();
  await called(payment, [TRANS_ID], 'parked');
  holds({ [TRANS_ID]: transaction(payment, '1') });
  await rig.inquiry().inquire(payment.id);
  expect(asked()).toEqual([]);
});

it('looks up five per inquiry, and reaches a true one in the middle of a flood', async () => {
  const payment = await lost();
  const flood = Array.from({ length: 20 }, (_, at) => `${9000 + at}`);
  await called(payment, [...flood.slice(0, 7), TRANS_ID, ...flood.slice(7)]);
  holds({ [TRANS_ID]: transaction(payment, '25') });
  let inquiries = 0;
  while ((await rig.load(payment)).status === 'inDoubt' && inquiries < 30) {
    rig.gateway.requests.length = 0;
    await rig.inquiry().inquire(payment.id);
    inquiries += 1;
    expect(asked()).toHaveLength(5);
  }
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded', transId: TRANS_ID });
  expect(inquiries).toBe(6);
});

it('falls back to the reference where the terminal supports it', async () => {
  await rig.reset({ inquiry: 'reference' });
  const payment = await lost();
  await called(payment, ['999']);
  holds({ [payment.reference]: transaction(payment, '25') });
  await rig.inquiry().inquire(payment.id);
  expect(asked()).toEqual(['999', payment.reference]);
  expect(await rig.load(payment)).toMatchObject({ status: 'succeeded', transId: TRANS_ID });
});

it('ignores named transactions once the transID is known', async () => {
  const payment = await rig.accept({ status: 'processing', transId: TRANS_ID, attempt: 1 });
  await called(payment, ['999']);
  holds({ [TRANS_ID]: transaction(payment, '2') });
  await rig.inquiry().inquire(payment.id);
  expect(asked()).toEqual([TRANS_ID]);
  expect(await rig.load(payment)).toMatchObject({ status: 'declined', transId: TRANS_ID });
});
