// Goal: "not found" fails a payment only where the terminal has opted in, long enough after the
// last byte can have left, and only when the probe proves that it sees what is there. Method:
// submissions that the sandbox loses, asked about on a clock of our own.
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

/** A terminal that probes, with the patience of an hour unless something else is said. */
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

/** Asks at each of the times, counted from now, and says where the payment then stands. */
async function askedAt(payment: Payment, ...afterMs: number[]) {
  for (const ms of afterMs) await rig.inquiry(new ClockAhead(ms)).inquire(payment.id);
  return rig.load(payment);
}

/** After the grace, and an hour later. */
const PATIENTLY = [10 * MINUTE, 40 * MINUTE, 71 * MINUTE];

describe('a payment that the gateway never got', () => {
  it('fails as never arrived, told as an inquiry’s answer', async () => {
    await begin('b');
    await submitted();
    const lost = await submitted('drop_before_processing');
    expect(await askedAt(lost, ...PATIENTLY)).toMatchObject({
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
    await askedAt(lost, ...PATIENTLY);
    await sandbox.ask('POST', '/api/s2s', createCall(lost));
    // The deployment is one that can look up by reference now, which is how the late success is
    // heard.
    await rig.pool.query(`UPDATE terminals SET absent_after_ms = NULL, inquiry = 'reference'`);
    await sandbox.ask('PUT', '/sandbox/generation', { generation: 'doc' });
    expect(await askedAt(lost, 72 * MINUTE)).toMatchObject({
      status: 'succeeded',
      flags: ['arrived_after_failure'],
      failure: null,
    });
  });

  it.each<[string, number[]]>([
    ['as long as its patience is not over', [10 * MINUTE, 40 * MINUTE, 69 * MINUTE]],
    ['when the first question came within the grace', [4 * MINUTE, 40 * MINUTE, 71 * MINUTE]],
    ['after two questions only', [10 * MINUTE, 71 * MINUTE]],
  ])('stays in doubt %s', async (_, times) => {
    await begin('b');
    await submitted();
    const lost = await submitted('drop_before_processing');
    expect(await askedAt(lost, ...times)).toMatchObject({ status: 'inDoubt' });
  });

  it('stays in doubt for ever where the terminal has not opted in', async () => {
    await begin('b', null);
    await submitted();
    const lost = await submitted('drop_before_processing');
    const times = [...PATIENTLY, 100 * HOUR, 1000 * HOUR];
    expect(await askedAt(lost, ...times)).toMatchObject({ status: 'inDoubt' });
  });
});

describe('a probe that proves nothing', () => {
  it('is found out by a payment that is known to be there, though it has said "not found" for long', async () => {
    // The older server does not honour unique_reference: it finds nothing, whatever it holds.
    await begin('a');
    await submitted();
    const charged = await submitted('drop_after_processing');
    expect(await askedAt(charged, ...PATIENTLY)).toMatchObject({ status: 'inDoubt' });
    expect(
      await rig.rows('SELECT answer, detail FROM doubt_inquiries ORDER BY id DESC LIMIT 1'),
    ).toEqual([{ answer: 'not_found', detail: 'probe_not_proven' }]);
  });

  it('counts for nothing while no payment is known to be there', async () => {
    await begin('b');
    const lost = await submitted('drop_before_processing');
    expect(await askedAt(lost, ...PATIENTLY)).toMatchObject({ status: 'inDoubt' });
  });
});

/** The request that was lost, arriving after all. */
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
