// Goal: a payment in doubt never takes the transaction of another merchant's payment with the same
// reference, so no merchant sees or refunds a charge of another. Method: two merchants at one
// gateway, submissions to the sandbox, and its ledger.
import { Payments, Refunds } from '@quittance/persistence';
import type { Payment } from '@quittance/payments';
import { CardSecret, sealCard, sealSecret } from '@quittance/vault';
import { aPayment, insertTestTerminal } from '../../../../test/support/payments.js';
import { aRefundOf } from '../../../../test/support/refunds.js';
import { SandboxProcess } from '../../../../test/support/sandbox.js';
import { TERMINAL_KEYS, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
let sandbox: SandboxProcess;
beforeAll(async () => {
  [rig, sandbox] = [await WorkerRig.start(), await SandboxProcess.start()];
});
afterAll(async () => {
  await Promise.all([sandbox.stop(), rig.stop()]);
});

const REFERENCE = 'INV-1';
const OTHER_KEYS = {
  publicKey: 'ZO6QnIPePdYlwbm6OjpIIwQvhsHaV4ioHp6MH2/xjlQ=',
  privateKey: 'another-private-key-that-no-log-may-contain',
};
/** Neither is a test card, so their payments can be refunded. */
const [ONE_CARD, ANOTHER_CARD] = ['4242424242424242', '5555555555554444'] as const;

/** Two merchants with one terminal each at the same gateway, with differently spelled addresses. */
beforeEach(async () => {
  const plain = { protocol: 'plain', callback_encryption: 'none', inquiry: 'reference' };
  await rig.reset({ ...plain, base_url: sandbox.url });
  await sandbox.reset('doc', { number: 42, ...TERMINAL_KEYS });
  await sandbox.ask('POST', '/sandbox/terminals', {
    number: 43,
    public_key: OTHER_KEYS.publicKey,
    private_key: OTHER_KEYS.privateKey,
    merchant: 'demo',
  });
  const terminalId = 'ter_two';
  const sealedPrivateKey = await sealSecret(OTHER_KEYS.privateKey, { terminalId, keys: rig.keys });
  await rig.pool.query(`INSERT INTO merchants VALUES ('mer_two', 'two', now())`);
  const address = { id: terminalId, name: 'two', baseUrl: `${sandbox.url}/` };
  await insertTestTerminal(rig.pool, { ...address, sealedPrivateKey });
  await rig.pool.query(
    `UPDATE terminals SET merchant_id = 'mer_two', number = 43, public_key = $1, protocol = 'plain',
       callback_encryption = 'none', inquiry = 'reference' WHERE id = 'ter_two'`,
    [OTHER_KEYS.publicKey],
  );
});

const ONE = { merchantId: 'mer_test', terminalId: 'ter_test' };
const TWO = { merchantId: 'mer_two', terminalId: 'ter_two' };

async function accepted(whose: typeof ONE, number: string): Promise<Payment> {
  const now = new Date();
  const later = (ms: number) => new Date(now.getTime() + ms);
  const times = { createdAt: now, updatedAt: now, submitBefore: later(600_000) };
  const card = { brand: 'visa', first6: number.slice(0, 6), last4: number.slice(-4) };
  const payment = aPayment({
    ...whose,
    ...times,
    nextStepAt: later(30_000),
    reference: REFERENCE,
    card,
  });
  const read = {
    number: new CardSecret(number),
    cvv: new CardSecret('123'),
    expMonth: '01',
    expYear: '30',
  };
  const sealedCard = await sealCard(read, { paymentId: payment.id, keys: rig.keys });
  await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard });
  return payment;
}

async function submitted(whose: typeof ONE, number: string, fault?: string): Promise<Payment> {
  const payment = await accepted(whose, number);
  if (fault) await sandbox.script(fault, { reference: REFERENCE });
  await rig.submission().submit(payment.id);
  return payment;
}

const ledger = async () =>
  (await sandbox.ask('GET', `/sandbox/ledger?reference=${REFERENCE}`)) as {
    data: { transID: string; order_status: string }[];
  };

/** Lets the payer confirm: the gateway charges its only transaction. */
async function charge(): Promise<string> {
  const [row] = (await ledger()).data;
  const transID = row?.transID ?? '';
  await sandbox.ask('POST', '/sandbox/settle', { transID, order_status: '1' });
  return transID;
}

const inquire = (payment: Payment) => rig.inquiry().inquire(payment.id);
const NOTHING_LEARNED = { transId: null, orderStatus: null, authUrl: null, gatewayResponse: null };

describe.each([
  ['another card', ANOTHER_CARD],
  ['a card with the same digits', ONE_CARD],
])('the same reference of another merchant, paid with %s', (_, card) => {
  it.each([
    ['refused as a duplicate', undefined, /^reference_already_known$/],
    ['lost in transit', 'drop_before_processing', /^no_reply$/],
  ])('and %s stays in doubt, and the paid one can be refunded', async (_way, fault, reason) => {
    const paid = await submitted(ONE, ONE_CARD);
    const transId = await charge();
    await inquire(paid);
    expect(await rig.load(paid)).toMatchObject({ status: 'succeeded', transId });

    const doubtful = await submitted(TWO, card, fault);
    expect((await rig.load(doubtful)).doubtReason).toMatch(reason);
    const decision = await inquire(doubtful);
    const foreign = 'transaction_of_another_payment';
    expect(decision).toMatchObject({ alert: foreign, isDisbelieved: true });
    expect(await rig.load(doubtful)).toMatchObject({
      status: 'inDoubt',
      doubtReason: foreign,
      ...NOTHING_LEARNED,
    });
    expect(await new Refunds(rig.pool).request(aRefundOf(doubtful))).toBe('notReservable');

    const refund = aRefundOf(paid);
    expect(await new Refunds(rig.pool).request(refund)).toBe('reserved');
    await rig.refunding().advance(refund.id);
    expect(await new Refunds(rig.pool).load(refund.id)).toMatchObject({
      refund: { status: 'accepted' },
      payment: { id: paid.id, status: 'refundPending' },
    });
    expect((await ledger()).data).toMatchObject([{ transID: transId, order_status: '8' }]);
  });
});

describe('a look-up that precedes the reply of the payment it finds', () => {
  it('takes nothing from it, and the reply counts when it arrives', async () => {
    const paid = await accepted(ONE, ONE_CARD);
    let doubtful: Payment | undefined;
    /** Submits the other payment and inquires about it between the reply and its commit. */
    class Overtaken extends Payments {
      override async apply(...args: Parameters<Payments['apply']>) {
        doubtful = await submitted(TWO, ONE_CARD);
        const decision = await inquire(doubtful);
        expect(decision).toMatchObject({ unmoved: 'reference_of_several_payments' });
        return super.apply(...args);
      }
    }
    const overtaken = new Overtaken(rig.pool);
    await rig.submission({ payments: overtaken }).submit(paid.id);
    const transId = (await ledger()).data[0]?.transID;
    expect(await rig.load(paid)).toMatchObject({ status: 'succeeded', transId });
    expect(await rig.load(doubtful!)).toMatchObject({
      status: 'inDoubt',
      doubtReason: 'reference_of_several_payments',
      ...NOTHING_LEARNED,
    });
    await inquire(doubtful!);
    expect(await rig.load(doubtful!)).toMatchObject({
      doubtReason: 'transaction_of_another_payment',
      ...NOTHING_LEARNED,
    });
  });

  it('leaves both in doubt where the reply was lost and nothing distinguishes them', async () => {
    const one = await submitted(ONE, ONE_CARD, 'drop_after_processing');
    const two = await submitted(TWO, ONE_CARD);
    await charge();
    for (const payment of [one, two]) {
      await inquire(payment);
      expect(await rig.load(payment)).toMatchObject({
        status: 'inDoubt',
        doubtReason: 'reference_of_several_payments',
        ...NOTHING_LEARNED,
      });
    }
  });

  it('counts where the card distinguishes them', async () => {
    const one = await submitted(ONE, ONE_CARD, 'drop_after_processing');
    const two = await submitted(TWO, ANOTHER_CARD);
    const transId = await charge();
    await inquire(two);
    await inquire(one);
    expect(await rig.load(one)).toMatchObject({ status: 'succeeded', transId });
    expect(await rig.load(two)).toMatchObject({ status: 'inDoubt', doubtReason: 'other_card' });
  });
});
