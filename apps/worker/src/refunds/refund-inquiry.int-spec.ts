// Goal: an inquiry about its payment finds the outcome of a refund, and a change at the gateway
// counts as our refund only if it can be. Method: the use cases over a real Postgres and a scripted
// gateway.
import { Refunds } from '@quittance/persistence';
import { json } from '../../../../test/support/scripted-gateway.js';
import { FixedClock, pending, REFUND_PATH, RefundRig } from '../../test/refund-rig.js';
import { transaction, WorkerRig } from '../../test/worker-rig.js';

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

describe('a worker that died between fence and reply', () => {
  /** Leaves a refund as a killed worker does: fenced, sent, and without a stored reply. */
  async function abandoned() {
    const { payment, refund } = await refunds.ask();
    rig.gateway.script = () => 'silence';
    class DiesAfterTheFence extends Refunds {
      override apply(): Promise<never> {
        return Promise.reject(Object.assign(new Error('killed'), { code: '40000' }));
      }
    }
    const dying = rig.refunding({ refunds: new DiesAfterTheFence(rig.pool), timeoutMs: 1_000 });
    await expect(dying.advance(refund.id)).rejects.toThrow('killed');
    expect(refunds.sent()).toHaveLength(1);
    return { payment, refund, fencedAt: (await refunds.load(refund)).refund.updatedAt.getTime() };
  }

  // 2 s for the reply and 15 s to store it.
  const abandonedAfterMs = 17_000;

  it.each([
    ['is left alone while it may still store the reply', abandonedAfterMs - 1, 'submitting'],
    ['leaves the refund in doubt once it must have died', abandonedAfterMs, 'inDoubt'],
  ])('%s', async (_what, afterMs, status) => {
    const { refund, fencedAt } = await abandoned();
    const clock = new FixedClock(new Date(fencedAt + afterMs));
    await rig.refunding({ clock }).advance(refund.id);
    expect((await refunds.load(refund)).refund.status).toBe(status);
    expect(refunds.sent()).toHaveLength(1);
  });

  it.each([
    ['8', 'accepted', 'refundPending'],
    ['7', 'succeeded', 'refunded'],
    ['1', 'inDoubt', 'succeeded'],
  ])(
    'leads to inquiries and no second request: the gateway says %s',
    async (code, status, ofPayment) => {
      const { payment, refund, fencedAt } = await abandoned();
      const clock = new FixedClock(new Date(fencedAt + abandonedAfterMs));
      await rig.refunding({ clock }).advance(refund.id);
      rig.gateway.script = () => json(200, transaction(payment, code));
      await rig.refunding({ clock }).advance(refund.id);
      expect(await refunds.load(refund)).toMatchObject({
        refund: { status },
        payment: { status: ofPayment },
      });
      expect(refunds.sent()).toHaveLength(1);
    },
  );
});

describe('the watch over the payment', () => {
  async function accepted(amountMinor: bigint) {
    const { payment, refund } = await refunds.ask({ amountMinor });
    rig.gateway.script = () => json(200, pending(payment));
    await rig.refunding().advance(refund.id);
    return { payment, refund };
  }

  it.each([
    ['whole', 1111n, 'refunded'],
    ['partial', 500n, 'partiallyRefunded'],
  ])('detects the completion of a refund of the %s amount', async (_what, amountMinor, status) => {
    const { payment, refund } = await accepted(amountMinor);
    rig.gateway.script = () => json(200, transaction(payment, '7'));
    await rig.inquiry().inquire(payment.id);
    expect(await refunds.load(refund)).toMatchObject({
      refund: { status: 'succeeded' },
      payment: { status, refundedMinor: amountMinor, nextStepAt: null },
    });
    expect(await rig.history()).toEqual([
      'succeeded',
      'refund_pending',
      status === 'refunded' ? 'refunded' : 'partially_refunded',
    ]);
    expect(
      await rig.rows('SELECT status, cause, gateway_code FROM refund_events ORDER BY sequence'),
    ).toEqual([
      { status: 'queued', cause: 'request', gateway_code: null },
      { status: 'submitting', cause: 'request', gateway_code: null },
      { status: 'accepted', cause: 'reply', gateway_code: '8' },
      { status: 'succeeded', cause: 'inquiry', gateway_code: '7' },
    ]);
  });

  it('does not mistake a foreign refund for ours that was never sent', async () => {
    const { payment, refund } = await refunds.ask();
    rig.gateway.script = () => json(200, transaction(payment, '7'));
    await rig.inquiry().inquire(payment.id);
    expect(await refunds.load(refund)).toMatchObject({
      refund: { status: 'failed', failure: { code: 'payment_not_refundable' } },
      payment: { status: 'reversed', refundedMinor: 0n, refundReservedMinor: 0n },
    });
    await rig.refunding().advance(refund.id);
    expect(refunds.sent()).toEqual([]);
  });

  it('marks a payment as reversed that was returned without a refund of ours', async () => {
    const payment = await refunds.pay();
    rig.gateway.script = () => json(200, transaction(payment, '7'));
    await rig.inquiry().inquire(payment.id);
    expect((await rig.load(payment)).status).toBe('reversed');
  });

  it('drops an answer that is older than the row', async () => {
    const { payment, refund } = await refunds.ask();
    rig.gateway.script = async ({ path }) => {
      if (path === REFUND_PATH) return json(200, pending(payment));
      // The inquiry starts while the refund is queued, and its answer arrives after the acceptance.
      await rig.refunding().advance(refund.id);
      return json(200, transaction(payment, '7'));
    };
    await rig.inquiry().inquire(payment.id);
    expect(await refunds.load(refund)).toMatchObject({
      refund: { status: 'accepted' },
      payment: { status: 'refundPending' },
    });
  });
});
