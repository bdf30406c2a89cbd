// Goal: an inquiry uses the best available strategy, trusts only an answer that fits, and never
// ends a doubt by itself. Method: payments stored in various statuses, and a gateway that records
// its requests.
import { Clock } from '@quittance/platform';
import type { Payment } from '@quittance/payments';
import { json } from '../../../../test/support/scripted-gateway.js';
import { TERMINAL_KEYS, TRANS_ID, transaction, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

class FixedClock extends Clock {
  constructor(private readonly at: Date) {
    super();
  }
  override now(): Date {
    return this.at;
  }
}

const inDoubt: Partial<Payment> = {
  status: 'inDoubt',
  doubtReason: 'no_reply',
  attempt: 1,
  nextStepAt: new Date(),
};
const pending: Partial<Payment> = { status: 'processing', transId: TRANS_ID, attempt: 1 };
const asked = () => rig.gateway.requests.map(({ method, path }) => `${method} ${path}`);
const error = (number: string) => json(400, { error_number: number, error_message: 'x' });

describe('by transID', () => {
  it('reads the gateway’s record and follows it', async () => {
    const payment = await rig.accept(pending);
    rig.gateway.script = () => json(200, transaction(payment, '1'));
    await rig.inquiry().inquire(payment.id);
    expect(asked()).toEqual([`GET /api/authurl/s2s/${TRANS_ID}`]);
    expect(await rig.load(payment)).toMatchObject({ status: 'succeeded', inquiries: 0 });
    expect(await rig.rows('SELECT cause FROM payment_events WHERE sequence = 2')).toEqual([
      { cause: 'inquiry' },
    ]);
  });

  it('makes the gateway query its acquirer after two fruitless inquiries, and uses only the record', async () => {
    const payment = await rig.accept(pending);
    rig.gateway.script = ({ method }) =>
      json(200, transaction(payment, method === 'POST' ? '1' : '0'));
    for (const count of [1, 2, 3]) {
      await rig.inquiry().inquire(payment.id);
      expect((await rig.load(payment)).inquiries).toBe(count === 1 ? 0 : count - 1);
    }
    const look = `GET /api/authurl/s2s/${TRANS_ID}`;
    // The first one learns the authurl and causes the transition to requiresAction, which restarts
    // the count.
    expect(asked()).toEqual([look, look, look]);
    await rig.inquiry().inquire(payment.id);
    expect(asked().slice(3)).toEqual([`POST /api/status/s2s/transid/${TRANS_ID}`, look]);
    expect(await rig.load(payment)).toMatchObject({ status: 'requiresAction', inquiries: 3 });
  });

  it('rejects an answer with another amount', async () => {
    const payment = await rig.accept({ ...inDoubt, transId: TRANS_ID });
    rig.gateway.script = () => json(200, { ...transaction(payment, '1'), bill_amt: '11.12' });
    await rig.inquiry().inquire(payment.id);
    expect(await rig.load(payment)).toMatchObject({ status: 'inDoubt', inquiries: 1 });
  });
});

describe('without a transID', () => {
  it('inquires by reference where the terminal supports it, and stores the transID', async () => {
    await rig.reset({ inquiry: 'reference' });
    const payment = await rig.accept(inDoubt);
    rig.gateway.script = () => json(200, transaction(payment, '2'));
    await rig.inquiry().inquire(payment.id);
    expect(asked()).toEqual([`GET /api/authurl/s2s/${payment.reference}`]);
    expect(await rig.load(payment)).toMatchObject({ status: 'declined', transId: TRANS_ID });
  });

  it('rejects the record of another reference', async () => {
    await rig.reset({ inquiry: 'reference' });
    const payment = await rig.accept(inDoubt);
    rig.gateway.script = () => json(200, { ...transaction(payment, '1'), reference: 'OTHER' });
    await rig.inquiry().inquire(payment.id);
    expect(await rig.load(payment)).toMatchObject({ status: 'inDoubt', transId: null });
  });

  it.each([
    ['5012: it exists', error('5012')],
    ['1111: it does not', error('1111')],
    ['a failure', json(500, {})],
  ])(
    'probes where the terminal supports it, and stays in doubt whatever the answer: %s',
    async (_, answer) => {
      await rig.reset({ inquiry: 'probe' });
      const payment = await rig.accept(inDoubt);
      rig.gateway.script = () => answer;
      const before = Date.now();
      await rig.inquiry().inquire(payment.id);
      expect(JSON.parse(rig.gateway.requests[0]?.body ?? '')).toEqual({
        public_key: TERMINAL_KEYS.publicKey,
        reference: payment.reference,
        unique_reference: 'Y',
      });
      const stored = await rig.load(payment);
      expect(stored).toMatchObject({ status: 'inDoubt', inquiries: 1 });
      expect(stored.nextStepAt?.getTime()).toBeGreaterThan(before);
    },
  );

  it('waits for a callback or an operator where there is no way to inquire', async () => {
    const payment = await rig.accept(inDoubt);
    await rig.inquiry().inquire(payment.id);
    expect(asked()).toEqual([]);
    expect(await rig.load(payment)).toMatchObject({ status: 'inDoubt', nextStepAt: null });
  });
});

describe('an attempt whose worker died', () => {
  const updatedAt = new Date('2026-11-21T10:00:00.000Z');
  const submitting: Partial<Payment> = {
    status: 'submitting',
    attempt: 1,
    createdAt: updatedAt,
    updatedAt,
  };
  // 2 s for the reply and 15 s to store it.
  const abandonedAfterMs = 17_000;

  it.each([
    ['is left alone while it may still store the reply', abandonedAfterMs - 1, 'submitting'],
    ['is in doubt once it must have died', abandonedAfterMs, 'inDoubt'],
  ])('%s', async (_, afterMs, status) => {
    const payment = await rig.accept(submitting);
    const now = new Date(updatedAt.getTime() + afterMs);
    await rig.inquiry(new FixedClock(now)).inquire(payment.id);
    expect((await rig.load(payment)).status).toBe(status);
    expect(asked()).toEqual([]);
  });
});

it('does nothing for a payment that is queued or unknown', async () => {
  const payment = await rig.accept();
  await rig.inquiry().inquire(payment.id);
  await rig.inquiry().inquire('pi_00000000000000000000000000');
  expect(asked()).toEqual([]);
  expect(await rig.load(payment)).toMatchObject({ status: 'queued', version: 1 });
});
