// Goal: "not found" fails a payment only where the terminal has opted in, long enough after the
// last byte can have left, and only when the probe is proven to find existing payments. Method:
// submissions that the sandbox loses, and inquiries on the test's own clock.
import { Clock } from '@quittance/platform';
import type { Payment } from '@quittance/payments';
import { type Generation, SandboxProcess } from '../../../../test/support/sandbox.js';
import { TERMINAL_KEYS, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
let sandbox: SandboxProcess;
beforeAll(async () => {
  [rig, sandbox] = [await WorkerRig.start(), await SandboxProcess.start()];
});
afterAll(async () => {
  await Promise.all([sandbox.stop(), rig.stop()]);
});

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

class ClockAhead extends Clock {
  constructor(private readonly byMs: number) {
    super();
  }
  override now(): Date {
    return new Date(Date.now() + this.byMs);
  }
}

/** Sets the terminal to probe; an absence counts after an hour by default. */
async function begin(generation: Generation, absentAfterMs: number | null = HOUR): Promise<void> {
  const plain = { protocol: 'plain', callback_encryption: 'none' };
  const probing = { inquiry: 'probe', absent_after_ms: absentAfterMs };
  await rig.reset({ ...plain, ...probing, base_url: sandbox.url });
  await sandbox.reset(generation, { number: 42, ...TERMINAL_KEYS });
}

async function submitted(fault?: string): Promise<Payment> {
  const payment = await rig.accept();
  if (fault) await sandbox.script(fault, { reference: payment.reference });
  await rig.submission().submit(payment.id);
  return payment;
}

/** Inquires at each of the times, counted from now, and resolves with the payment. */
async function askedAt(payment: Payment, ...afterMs: number[]) {
  for (const ms of afterMs) await rig.inquiry(new ClockAhead(ms)).inquire(payment.id);
  return rig.load(payment);
}

/** After the grace period, and more than an hour later. */
const LONG_ENOUGH = [10 * MINUTE, 40 * MINUTE, 71 * MINUTE];

describe('a payment that the gateway never received', () => {
  it('fails as never arrived, with an inquiry as the cause', async () => {
    await begin('b');
    await submitted();
    const lost = await submitted('drop_before_processing');
    expect(await askedAt(lost, ...LONG_ENOUGH)).toMatchObject({
      status: 'failed',
      failure: { code: 'never_arrived' },
    });
    const [event] = await rig.rows(
      `SELECT cause, note FROM payment_events WHERE payment_id = '${lost.id}' ORDER BY sequence DESC LIMIT 1`,
    );
    expect(event).toEqual({ cause: 'inquiry', note: 'never_arrived' });
    expect(await rig.rows('SELECT answer FROM doubt_inquiries ORDER BY id')).toEqual([
      { answer: 'not_found' },
      { answer: 'not_found' },
      { answer: 'absent' },
    ]);
  });

  it('is re-opened and flagged by a late success', async () => {
    await begin('b');
    await submitted();
    const lost = await submitted('drop_before_processing');
    await askedAt(lost, ...LONG_ENOUGH);
    await sandbox.ask('POST', '/api/s2s', createCall(lost));
    // The deployment now supports look-ups by reference, which find the late success.
    await rig.pool.query(`UPDATE terminals SET absent_after_ms = NULL, inquiry = 'reference'`);
    await sandbox.ask('PUT', '/sandbox/generation', { generation: 'doc' });
    expect(await askedAt(lost, 72 * MINUTE)).toMatchObject({
      status: 'succeeded',
      flags: ['arrived_after_failure'],
      failure: null,
    });
  });

  it.each<[string, number[]]>([
    ['until the terminal’s time for an absence is over', [10 * MINUTE, 40 * MINUTE, 69 * MINUTE]],
    ['when the first inquiry was within the grace period', [4 * MINUTE, 40 * MINUTE, 71 * MINUTE]],
    ['after only two inquiries', [10 * MINUTE, 71 * MINUTE]],
  ])('stays in doubt %s', async (_, times) => {
    await begin('b');
    await submitted();
    const lost = await submitted('drop_before_processing');
    expect(await askedAt(lost, ...times)).toMatchObject({ status: 'inDoubt' });
  });

  it('stays in doubt forever where the terminal has not opted in', async () => {
    await begin('b', null);
    await submitted();
    const lost = await submitted('drop_before_processing');
    const times = [...LONG_ENOUGH, 100 * HOUR, 1000 * HOUR];
    expect(await askedAt(lost, ...times)).toMatchObject({ status: 'inDoubt' });
  });
});

describe('a probe that proves nothing', () => {
  it('is detected with a payment that the gateway is known to hold', async () => {
    // The older server does not honour unique_reference, so it finds nothing, whatever it holds.
    await begin('a');
    await submitted();
    const charged = await submitted('drop_after_processing');
    expect(await askedAt(charged, ...LONG_ENOUGH)).toMatchObject({ status: 'inDoubt' });
    expect(
      await rig.rows('SELECT answer, detail FROM doubt_inquiries ORDER BY id DESC LIMIT 1'),
    ).toEqual([{ answer: 'not_found', detail: 'probe_not_proven' }]);
  });

  it('does not count while the gateway is not known to hold any payment', async () => {
    await begin('b');
    const lost = await submitted('drop_before_processing');
    expect(await askedAt(lost, ...LONG_ENOUGH)).toMatchObject({ status: 'inDoubt' });
  });
});

/** Returns the lost request, which arrives after all. */
const createCall = ({ reference }: Payment) => ({
  public_key: TERMINAL_KEYS.publicKey,
  terNO: 42,
  bill_amt: '11.11',
  bill_currency: 'EUR',
  product_name: 'Two tickets',
  reference,
  webhook_url: 'http://127.0.0.1:9/unused',
  return_url: 'http://127.0.0.1:9/return',
  mop: 'CC',
  ccno: '4012000033330026',
  ccvv: '123',
  month: '01',
  year: '30',
});
