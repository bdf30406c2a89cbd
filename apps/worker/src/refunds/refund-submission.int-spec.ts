// Goal: at most one request per refund, and records that state exactly what is known, whatever the
// gateway does. Method: the use cases over a real Postgres and a scripted gateway.
import type { Payment } from '@quittance/payments';
import { Refunds } from '@quittance/persistence';
import { json } from '../../../../test/support/scripted-gateway.js';
import { aRefundOf, dispute } from '../../../../test/support/refunds.js';
import { FixedClock, pending, RefundRig } from '../../test/refund-rig.js';
import { TERMINAL_KEYS, transaction, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
let refunds: RefundRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
  refunds = new RefundRig(rig);
});
beforeEach(async () => {
  await rig.gateway.close();
  await rig.gateway.open();
  await rig.reset();
});
afterAll(() => rig.stop());

const already = { message: 'Transaction is already in Refund Request Processed' };

describe('the fence', () => {
  it('is in Postgres before the call, and the request contains the requested refund', async () => {
    const { payment, refund } = await refunds.ask({ amountMinor: 500n, reason: 'Damaged' });
    let seen: unknown;
    rig.gateway.script = async () => {
      const { refund: now } = await refunds.load(refund);
      const attempts = await rig.rows('SELECT number, closed_at FROM refund_attempts');
      seen = { status: now.status, attempt: now.attempt, attempts };
      return json(200, pending(payment));
    };
    await rig.refunding().advance(refund.id);
    expect(seen).toEqual({
      status: 'submitting',
      attempt: 1,
      attempts: [{ number: 1, closed_at: null }],
    });
    expect(refunds.sent().map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      {
        transID: payment.transId,
        refundAmount: '5.00',
        refundReason: 'Damaged',
        public_key: TERMINAL_KEYS.publicKey,
      },
    ]);
    expect(await refunds.load(refund)).toMatchObject({
      refund: { status: 'accepted', nextStepAt: null },
      payment: { status: 'refundPending', refundedMinor: 0n },
    });
    expect(await rig.rows('SELECT outcome, http_status FROM refund_attempts')).toEqual([
      { outcome: 'accepted', http_status: 200 },
    ]);
  });

  it('allows one request, however often and by however many workers the job runs', async () => {
    const { payment, refund } = await refunds.ask();
    rig.gateway.script = () => json(200, pending(payment));
    const workers = Array.from({ length: 20 }, () => rig.refunding());
    await Promise.all(workers.map((worker) => worker.advance(refund.id)));
    await Promise.all(workers.map((worker) => worker.advance(refund.id)));
    expect(refunds.sent()).toHaveLength(1);
  });

  it('is not taken when the payment has changed, and the amount is free again', async () => {
    const { payment, refund } = await refunds.ask();
    await dispute(rig.pool, payment);
    await rig.refunding().advance(refund.id);
    expect(refunds.sent()).toEqual([]);
    expect(await refunds.load(refund)).toMatchObject({
      refund: { status: 'failed', failure: { code: 'payment_not_refundable' } },
      payment: { refundReservedMinor: 0n },
    });
  });

  it('is not taken while the terminal is paused, and an overdue refund still ends', async () => {
    await rig.pool.query(`UPDATE terminals SET paused_at = now(), paused_reason = 'keys'`);
    const { refund } = await refunds.ask();
    await rig.refunding().advance(refund.id);
    expect((await refunds.load(refund)).refund.status).toBe('queued');
    await rig.refunding({ clock: new FixedClock(refund.submitBefore) }).advance(refund.id);
    expect(await refunds.load(refund)).toMatchObject({
      refund: { status: 'failed', failure: { code: 'gateway_unreachable' } },
    });
    expect(refunds.sent()).toEqual([]);
  });
});

describe('a request that provably never left', () => {
  it('because of the terminal’s address pauses the terminal', async () => {
    await rig.pool.query(`UPDATE terminals SET mode = 'live'`);
    const { refund } = await refunds.ask();
    await rig.refunding().advance(refund.id);
    expect((await refunds.load(refund)).refund.status).toBe('queued');
    expect(await rig.rows('SELECT paused_reason FROM terminals')).toEqual([
      { paused_reason: 'gateway_not_https' },
    ]);
    expect(refunds.sent()).toEqual([]);
  });

  it('is retried once when it is due', async () => {
    const { payment, refund } = await refunds.ask();
    await rig.gateway.close();
    const before = Date.now();
    await rig.refunding().advance(refund.id);
    const { refund: waiting } = await refunds.load(refund);
    expect(waiting).toMatchObject({ status: 'queued', attempt: 1 });
    expect(waiting.nextStepAt?.getTime()).toBeGreaterThan(before);
    await rig.gateway.open();
    rig.gateway.script = () => json(200, pending(payment));
    await rig.refunding().advance(refund.id);
    expect(refunds.sent()).toHaveLength(1);
    expect((await refunds.load(refund)).refund).toMatchObject({ status: 'accepted', attempt: 2 });
    expect(await rig.rows('SELECT outcome FROM refund_attempts ORDER BY number')).toEqual([
      { outcome: 'notSent' },
      { outcome: 'accepted' },
    ]);
  });

  it('fails when there is no time for another attempt, and frees the amount', async () => {
    const { refund } = await refunds.ask({ submitBefore: new Date(Date.now() + 200) });
    await rig.gateway.close();
    await rig.refunding().advance(refund.id);
    expect(await refunds.load(refund)).toMatchObject({
      refund: { status: 'failed', failure: { code: 'gateway_unreachable' } },
      payment: { status: 'succeeded', refundReservedMinor: 0n },
    });
  });
});

describe('a reply', () => {
  it.each<
    [
      string,
      (payment: Payment) => { status: number; body: string } | 'silence' | 'reset',
      string,
      string | null,
    ]
  >([
    ['silence', () => 'silence', 'no_reply', 'no_reply_timeout'],
    ['a reset', () => 'reset', 'no_reply', 'no_reply_econnreset'],
    [
      '500 in raw text',
      () => ({ status: 500, body: 'Error processing refund request' }),
      'gateway_server_error',
      'gateway_server_error_500',
    ],
    [
      'nothing with 200',
      () => ({ status: 200, body: '' }),
      'unreadable_reply',
      'unreadable_reply_200',
    ],
    [
      'raw text with 200',
      () => ({ status: 200, body: 'Request Processed' }),
      'unreadable_reply',
      'unreadable_reply_200',
    ],
    ['a page', () => ({ status: 200, body: '<html>' }), 'unreadable_reply', 'unreadable_reply_200'],
    [
      'another transaction',
      (payment) => json(200, { ...pending(payment), transID: '999' }),
      'other_transaction',
      null,
    ],
    [
      'another amount',
      (payment) => json(200, { ...pending(payment), bill_amt: '1.00' }),
      'amount_mismatch',
      null,
    ],
    [
      'a refund that was already requested',
      (payment) => json(200, { ...pending(payment), ...already }),
      'already_requested',
      null,
    ],
  ])(
    'of %s leaves the refund in doubt, and no further request is sent',
    async (_what, answer, doubtReason, ofAttempt) => {
      const { payment, refund } = await refunds.ask();
      rig.gateway.script = () => answer(payment);
      await rig.refunding({ timeoutMs: 1_000 }).advance(refund.id);
      expect(await refunds.load(refund)).toMatchObject({
        refund: { status: 'inDoubt', doubtReason },
        payment: { refundReservedMinor: 1111n },
      });
      // The inner code is for operators alone.
      expect(await rig.rows('SELECT reason FROM refund_attempts')).toEqual([{ reason: ofAttempt }]);
      await rig.refunding().advance(refund.id);
      expect(refunds.sent()).toHaveLength(1);
    },
  );

  it.each([
    [
      'not_approved',
      (payment: Payment) =>
        json(200, { ...transaction(payment, '25'), message: 'Refund is not authorised' }),
    ],
    ['rejected', () => ({ status: 400, body: 'Invalid number format in request' })],
    ['transaction_not_found', () => ({ status: 404, body: '' })],
  ])(
    'that refuses (%s) fails the refund, and the amount can be requested again',
    async (code, answer) => {
      const { payment, refund } = await refunds.ask();
      rig.gateway.script = () => answer(payment);
      await rig.refunding().advance(refund.id);
      expect(await refunds.load(refund)).toMatchObject({
        refund: { status: 'failed', failure: { code: `gateway_${code}` } },
        payment: { status: 'succeeded', refundReservedMinor: 0n },
      });
      expect(await new Refunds(rig.pool).request(aRefundOf(payment))).toBe('reserved');
    },
  );
});
