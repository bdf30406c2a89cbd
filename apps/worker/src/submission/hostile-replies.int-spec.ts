// Goal: no reply is lost because Postgres rejects one of its texts. Method: a scripted gateway puts
// every text that a column could reject into every member of every kind of reply. The payment or
// refund must follow the reply or be in doubt, and must never stay `submitting`.
import { hostileTexts } from '../../../../test/support/hostile-texts.js';
import { type GatewayAnswer, json } from '../../../../test/support/scripted-gateway.js';
import { pending, RefundRig } from '../../test/refund-rig.js';
import { transaction, TRANS_ID, WorkerRig } from '../../test/worker-rig.js';

let rig: WorkerRig;
beforeAll(async () => {
  rig = await WorkerRig.start();
});
beforeEach(() => rig.reset());
afterAll(() => rig.stop());

/** Every member of a transaction that a reply may have (protocol §3.1, §5.1). */
const MEMBERS = [
  'transID',
  'order_status',
  'status',
  'bill_amt',
  'bill_currency',
  'reference',
  'response',
  'authurl',
  'mop',
  'ccno',
  'descriptor',
  'rrn',
  'upa',
  'tdate',
  'connector_status_code',
  'message',
  'error_number',
  'anything_new',
];

async function submitted(answer: GatewayAnswer) {
  rig.gateway.script = () => answer;
  const payment = await rig.accept();
  await rig.submission().submit(payment.id);
  return rig.load(payment);
}

describe.each(hostileTexts)('%s', (_what, text) => {
  it('does not lose a create reply, whichever member contains it', async () => {
    for (const member of MEMBERS) {
      const payment = await rig.accept();
      rig.gateway.script = () => json(200, { ...transaction(payment, '0'), [member]: text });
      await rig.submission().submit(payment.id);
      const { status } = await rig.load(payment);
      expect([member, status]).toEqual([
        member,
        expect.stringMatching(/^(?:requiresAction|processing|inDoubt)$/),
      ]);
    }
  });

  it('does not lose the answer to an inquiry', async () => {
    const payment = await rig.accept({
      status: 'inDoubt',
      doubtReason: 'no_reply',
      transId: TRANS_ID,
      attempt: 1,
    });
    for (const member of MEMBERS) {
      rig.gateway.script = () =>
        json(200, { ...transaction(payment, '0'), bill_amt: '1', [member]: text });
      await rig.inquiry().inquire(payment.id);
    }
    for (const httpStatus of [400, 404, 500]) {
      rig.gateway.script = () =>
        json(httpStatus, { error: text, message: text, error_number: '9999', error_message: text });
      await rig.inquiry().inquire(payment.id);
    }
    const rows = await rig.rows('SELECT detail FROM doubt_inquiries');
    expect(rows).toHaveLength(MEMBERS.length + 3);
  });

  it('does not lose a refusal', async () => {
    for (const [answer, status] of [
      [json(400, { error_number: '1113', error_message: text }), 'failed'],
      [json(400, { error_number: text, error_message: text }), 'inDoubt'],
      [json(403, { transID: TRANS_ID, status: 'error', message: text }), 'blocked'],
      [json(404, { error: text, message: text }), 'inDoubt'],
      [json(500, { status: 'error', message: text }), 'inDoubt'],
      [{ status: 400, body: text }, 'inDoubt'],
    ] as const) {
      expect(await submitted(answer)).toMatchObject({ status });
    }
  });

  it('does not lose the reply to a refund', async () => {
    const refunds = new RefundRig(rig);
    for (const answerTo of [
      (payment: Parameters<typeof pending>[0]) =>
        json(200, { ...pending(payment), response: text, authurl: text }),
      () => ({ status: 400, body: text }),
      () => json(200, { transID: TRANS_ID, order_status: '8', message: text }),
      () => ({ status: 500, body: text }),
    ]) {
      const { payment, refund } = await refunds.ask();
      rig.gateway.script = () => answerTo(payment);
      await rig.refunding().advance(refund.id);
      const { refund: advanced } = await refunds.load(refund);
      expect(advanced.status).toMatch(/^(?:accepted|failed|inDoubt)$/);
    }
  });
});
