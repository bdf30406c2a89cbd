// Goal: each strategy finds the outcome in each generation of the gateway that supports it, and
// never mistakes another payment for its own. Method: submissions to the sandbox that fail on
// purpose, then one inquiry each.
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

type Strategy = 'trans_id' | 'reference' | 'probe';
const generations: readonly Generation[] = ['doc', 'a', 'b'];

/** Uses the plain protocol throughout, because the older server knows no encryption. */
async function begin(generation: Generation, inquiry: Strategy): Promise<void> {
  const plain = { protocol: 'plain', callback_encryption: 'none' };
  await rig.reset({ ...plain, inquiry, base_url: sandbox.url });
  await sandbox.reset(generation, { number: 42, ...TERMINAL_KEYS });
}

/** Submits a payment to which the sandbox applies `fault`. */
async function submitted(fault?: string): Promise<Payment> {
  const payment = await rig.accept();
  if (fault) await sandbox.script(fault, { reference: payment.reference });
  await rig.submission().submit(payment.id);
  return payment;
}

/** Inquires once, and resolves with the payment's state and the stored inquiry. */
async function inquired(payment: Payment) {
  await rig.inquiry().inquire(payment.id);
  const { status, transId } = await rig.load(payment);
  const [asked = {}] = await rig.rows(
    'SELECT strategy, answer, detail FROM doubt_inquiries ORDER BY id DESC LIMIT 1',
  );
  const { strategy, answer, detail } = asked;
  return { status, knowsTransId: transId !== null, strategy, answer, detail };
}

describe.each(generations)('generation %s', (generation) => {
  it('finds the outcome by transID when the reply was wrong', async () => {
    await begin(generation, 'trans_id');
    const payment = await submitted('wrong_amount');
    expect(await rig.load(payment)).toMatchObject({ doubtReason: 'amount_mismatch' });
    expect(await inquired(payment)).toEqual({
      status: 'succeeded',
      knowsTransId: true,
      strategy: 'trans_id',
      answer: 'reported',
      detail: 'order_status 25',
    });
  });

  it.each(['somebody_else_on_inquiry', 'empty_on_inquiry'])(
    'is not trusted by transID when it answers with %s',
    async (fault) => {
      await begin(generation, 'trans_id');
      const payment = await submitted('wrong_amount');
      await sandbox.script(fault);
      const { status, detail } = await inquired(payment);
      expect(status).toBe('inDoubt');
      expect(detail).toBe(fault === 'empty_on_inquiry' ? null : 'not believed: other_transaction');
    },
  );

  it('never fails a payment because its transID was not found', async () => {
    await begin(generation, 'trans_id');
    const payment = await submitted('wrong_amount');
    await sandbox.ask('DELETE', '/sandbox');
    expect(await inquired(payment)).toMatchObject({ status: 'inDoubt', answer: 'not_found' });
  });
});

describe('by reference', () => {
  it('the documented look-up finds the outcome when the reply was lost', async () => {
    await begin('doc', 'reference');
    const payment = await submitted('drop_after_processing');
    expect(await inquired(payment)).toMatchObject({ status: 'succeeded', knowsTransId: true });
  });

  it('another payment’s transaction is recognized, and nothing of it is stored', async () => {
    await begin('doc', 'reference');
    await submitted();
    const payment = await submitted('drop_after_processing');
    await sandbox.script('somebody_else_on_inquiry');
    expect(await inquired(payment)).toMatchObject({
      status: 'inDoubt',
      knowsTransId: false,
      detail: 'not believed: transaction_of_another_payment',
    });
  });

  it('another system’s payment with the same reference is recognized by its amount', async () => {
    await begin('doc', 'reference');
    const payment = await submitted('drop_before_processing');
    await createAtGateway(payment, '99.00');
    expect(await inquired(payment)).toMatchObject({
      status: 'inDoubt',
      knowsTransId: false,
      detail: 'not believed: amount_mismatch',
    });
  });

  it.each<Generation>(['a', 'b'])(
    'generation %s does not support it, which is no answer',
    async (name) => {
      await begin(name, 'reference');
      const payment = await submitted('drop_after_processing');
      expect(await inquired(payment)).toMatchObject({
        status: 'inDoubt',
        answer: 'unanswered',
        detail: 'gateway_error_400',
      });
    },
  );
});

describe('by the existence probe', () => {
  it.each<[Generation, fault: string, answer: string]>([
    ['doc', 'drop_after_processing', 'exists_without_details'],
    ['doc', 'drop_before_processing', 'not_found'],
    ['b', 'drop_after_processing', 'exists_without_details'],
    ['b', 'drop_before_processing', 'not_found'],
    // It does not honour unique_reference, so its answer is wrong; therefore the answer alone has
    // no effect.
    ['a', 'drop_after_processing', 'not_found'],
  ])('generation %s, after %s, answers %s', async (name, fault, answer) => {
    await begin(name, 'probe');
    const payment = await submitted(fault);
    expect(await inquired(payment)).toMatchObject({ status: 'inDoubt', answer });
  });

  it('creates nothing', async () => {
    await begin('b', 'probe');
    const payment = await submitted('drop_before_processing');
    await inquired(payment);
    const ledger = await sandbox.ask('GET', `/sandbox/ledger?reference=${payment.reference}`);
    expect(ledger).toMatchObject({ data: [] });
  });
});

/** Creates a payment with the same reference at the gateway, as another system would. */
async function createAtGateway({ reference }: Payment, amount: string): Promise<void> {
  await sandbox.ask('POST', '/api/s2s', {
    public_key: TERMINAL_KEYS.publicKey,
    terNO: 42,
    bill_amt: amount,
    bill_currency: 'EUR',
    product_name: 'Something else',
    reference,
    webhook_url: 'http://127.0.0.1:9/unused',
    return_url: 'http://127.0.0.1:9/return',
    mop: 'CC',
    ccno: '4012000033330026',
    ccvv: '123',
    month: '01',
    year: '30',
  });
}
