// Goal: `explain` shows an operator the state and the history of a payment. Method: the command
// over a real database.
import { DoubtInquiries, LaneHeartbeats, Payments } from '@quittance/persistence';
import { aPayment, insertTestTerminal, newTransId } from '../../../../test/support/payments.js';
import { aPaidPayment } from '../../../../test/support/refunds.js';
import { ADD_TERMINAL, CliRig } from '../../test/cli-rig.js';

let rig: CliRig;

beforeAll(async () => {
  rig = await CliRig.start();
});
afterAll(() => rig.stop());

const quittance = (...args: string[]) => rig.run(...args);

describe('explain', () => {
  beforeAll(async () => {
    for (const name of ['one', 'two']) {
      await quittance('merchants', 'add', name);
      const args = ADD_TERMINAL.with(3, name);
      await quittance(...args, '--name', 'main', '--private-key', 'x');
      const { rows } = await rig.pool.query<{ merchant: string; terminal: string }>(
        `SELECT m.id AS merchant, t.id AS terminal FROM merchants m JOIN terminals t ON t.merchant_id = m.id WHERE m.name = $1`,
        [name],
      );
      const { merchant: merchantId = '', terminal: terminalId = '' } = rows[0] ?? {};
      for (const reference of ['SHARED', `ONLY-${name}`]) {
        const payment = aPayment({ merchantId, terminalId, reference });
        await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
      }
    }
  });

  it('shows the request, the history and the next step', async () => {
    const { out, exitCode } = await quittance('explain', 'ONLY-one');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^ONLY-one {2}pi_\w+ {2}of merchant one\n11\.11 EUR, CC visa 401200…0026/);
    expect(out).toMatch(/TRANSITIONS\n {2}# .*\n {2}1 .* queued +request/);
    expect(out).toContain('ATTEMPTS\n  none: nothing was sent');
    expect(out).toMatch(/NEXT\n {2}Waiting for a worker on lane "default"/);
  });

  it('says that a payment waits for a gateway that does not respond', async () => {
    const { rows } = await rig.pool.query<{ id: string }>(
      `SELECT terminal_id AS id FROM payment_intents WHERE reference = 'ONLY-one'`,
    );
    const openBreakers = rows.map(({ id }) => id);
    const lane = { lane: 'default', inFlight: 0, concurrency: 1, limitedForMs: 0 };
    const worker = new LaneHeartbeats(rig.pool);
    await worker.write([{ ...lane, openBreakers }]);
    const waits = /NEXT\n {2}Waiting: the gateway of terminal "main" does not respond/;
    expect((await quittance('explain', 'ONLY-one')).out).toMatch(waits);
    expect((await quittance('explain', 'ONLY-two')).out).not.toMatch(waits);
    await worker.remove();
  });

  it('asks for the merchant when several use the reference', async () => {
    const { err, exitCode } = await quittance('explain', 'SHARED');
    expect(exitCode).toBe(1);
    expect(err).toMatch(/(one, two|two, one) each have a SHARED; choose with --merchant/);
    expect((await quittance('explain', 'SHARED', '--merchant', 'two')).out).toContain(
      'merchant two',
    );
  });

  it('rejects an unknown reference', async () => {
    expect((await quittance('explain', 'NONE')).err).toBe(
      'There is no payment with the reference NONE.\n',
    );
  });
});

describe('a doubt, explained', () => {
  const REFERENCE = 'DOUBTFUL-1';
  beforeAll(async () => {
    await insertTestTerminal(rig.pool);
    const doubt = { status: 'inDoubt', doubtReason: 'worker_died', attempt: 1 } as const;
    const payment = aPayment({ ...doubt, reference: REFERENCE, nextStepAt: new Date() });
    await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
    const doubts = new DoubtInquiries(rig.pool);
    for (const [answer, detail] of [
      ['unanswered', 'timeout'],
      ['existsWithoutDetails', null],
    ] as const)
      await doubts.add(payment.id, { askedAt: new Date(), strategy: 'probe', answer, detail });
  });

  it('shows the reason, the inquiries and the operator’s options', async () => {
    const { out } = await quittance('explain', REFERENCE);
    expect(out).toMatch(
      /INQUIRIES IN DOUBT\n.*AT .*\n.* probe +unanswered +timeout\n.* exists without details/,
    );
    expect(out).toMatch(/In doubt because of worker_died: the worker stopped between the fence/);
    expect(out).toContain(
      `quittance resolve ${REFERENCE} --merchant test --as succeeded|declined|`,
    );
    expect(out).toContain('quittance terminals set main --merchant test --inquiry reference|probe');
  });

  it('shows who ended it, and the evidence', async () => {
    const evidence = ['--evidence', 'approved in the dashboard', '--by', 'ann'];
    await quittance('resolve', REFERENCE, '--as', 'succeeded', ...evidence);
    const { out } = await quittance('explain', REFERENCE);
    expect(out).toMatch(/in_doubt +succeeded +operator +1 +- +resolved_by_operator/);
    expect(out).toMatch(/OPERATOR ACTIONS\n.*\n.* 2 +ann +resolve +approved in the dashboard/);
    expect(out).not.toContain('YOUR OPTIONS');
  });
});

describe('a transaction that two payments claim, explained', () => {
  const REFERENCES = { holder: 'HOLDS-1', claimant: 'CLAIMS-1' } as const;
  const TRANS_ID = newTransId();
  beforeAll(async () => {
    const store = new Payments(rig.pool);
    const holder = aPaidPayment({ reference: REFERENCES.holder, transId: TRANS_ID });
    const doubt = { status: 'inDoubt', doubtReason: 'transaction_of_another_payment' } as const;
    const claimant = aPayment({ ...doubt, reference: REFERENCES.claimant, attempt: 1 });
    for (const payment of [holder, claimant])
      await store.accept({ payment, terminalName: 'main', sealedCard: null });
    await rig.pool.query(
      `INSERT INTO transaction_claims SELECT $1, gateway, trans_id, now() FROM payment_intents WHERE id = $2`,
      [claimant.id, holder.id],
    );
  });

  it('names the other payment in both explanations', async () => {
    const ofHolder = (await quittance('explain', REFERENCES.holder)).out;
    expect(ofHolder).toMatch(
      /OTHER PAYMENTS CONCERNED\n.*\n +test +CLAIMS-1 +in_doubt +- +was answered with this transaction/,
    );
    const ofClaimant = (await quittance('explain', REFERENCES.claimant)).out;
    expect(ofClaimant).toMatch(
      new RegExp(
        `test +HOLDS-1 +succeeded +${TRANS_ID} +has the transaction that this payment was`,
      ),
    );
    expect(ofClaimant).toContain('the gateway named another payment’s transaction');
  });
});

describe('a payment whose data has ended, explained', () => {
  it('says when, instead of claiming that nothing was sent', async () => {
    const payment = aPaidPayment({ reference: 'OLD-1', nextStepAt: null });
    await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
    for (const end of ['erase_personal_data', 'end_history'])
      await rig.pool.query(`SELECT ${end}($1, '2026-01-31T12:00:00Z')`, [[payment.id]]);
    const { out } = await quittance('explain', 'OLD-1', '--merchant', 'test');
    expect(out).toContain('personal data erased at 2026-01-31T12:00:00.000Z\n');
    expect(out).toContain('history up to its last event deleted at 2026-01-31T12:00:00.000Z\n');
    expect(out).toContain('ATTEMPTS\n  deleted with its history\n');
    expect(out).toMatch(/11\.11 EUR, CC, terminal main/);
    const { out: json } = await quittance('--json', 'explain', 'OLD-1', '--merchant', 'test');
    expect(JSON.parse(json)).toMatchObject({ history_ended_at: '2026-01-31T12:00:00.000Z' });
  });
});
