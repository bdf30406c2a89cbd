// Goal: above the limit no operator acts alone, a proposal changes nothing, and exactly one of any
// number of approvals acts. Method: the commands of three registered operators over a real
// database.
import { decideRefund } from '@quittance/payments';
import { Payments, Refunds } from '@quittance/persistence';
import { aPayment, insertTestTerminal } from '../../../../test/support/payments.js';
import { aPaidPayment, aRefundOf } from '../../../../test/support/refunds.js';
import { CliRig, type CliResult } from '../../test/cli-rig.js';

let rig: CliRig;
const keys = { ann: '', bob: '', eve: '' };
type Name = keyof typeof keys;
const LIMIT = { FOUR_EYES_ABOVE: 'EUR:10.00,*:0' };

beforeAll(async () => {
  rig = await CliRig.start();
  await insertTestTerminal(rig.pool);
  keys.ann = await rig.addOperator('ann');
  keys.bob = await rig.addOperator('bob', { QUITTANCE_OPERATOR_KEY: keys.ann });
  keys.eve = await rig.addOperator('eve', { QUITTANCE_OPERATOR_KEY: keys.ann });
});
afterAll(() => rig.stop());

const as = (name: Name, ...args: string[]): Promise<CliResult> =>
  rig.runIn({ ...LIMIT, QUITTANCE_OPERATOR_KEY: keys[name] }, ...args);

/** Creates a payment in doubt, by default of 11.11 EUR, which is above the limit. */
async function aDoubt(amountMinor = 1111n) {
  const payment = aPayment({ status: 'inDoubt', doubtReason: 'no_reply', attempt: 1, amountMinor });
  await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
  return payment;
}
const statusOf = async ({ id }: { id: string }) =>
  (await new Payments(rig.pool).load(id))?.payment.status;
const resolve = (name: Name, reference: string, end = 'succeeded') =>
  as(name, 'resolve', reference, '--as', end, '--evidence', 'seen in the dashboard');
const idIn = ({ out, err }: CliResult): string => /prp_\w+/.exec(out + err)?.[0] ?? 'none';

async function rowOf<Row extends object>(table: string, id: string): Promise<Row | undefined> {
  return (await rig.pool.query<Row>(`SELECT * FROM ${table} WHERE id = $1`, [id])).rows[0];
}
async function audited(id: string): Promise<unknown[]> {
  const { rows } = await rig.pool.query<object>(
    `SELECT operator, proposed_by, action, why FROM operator_actions
     WHERE subject_id = $1 OR proposal_id = $1 ORDER BY number`,
    [id],
  );
  return rows.map((row) => Object.values(row).join(' '));
}

describe('a doubt', () => {
  it('at the limit is resolved by one operator', async () => {
    const payment = await aDoubt(1000n);
    expect((await resolve('ann', payment.reference)).out).toContain('is now succeeded');
    expect(await statusOf(payment)).toBe('succeeded');
  });

  it('above the limit is proposed by one operator and resolved by another', async () => {
    const payment = await aDoubt();
    const before = await rowOf('payment_intents', payment.id);
    const result = await resolve('ann', payment.reference);
    const id = idIn(result);
    expect([result.exitCode, result.out]).toEqual([0, expect.stringContaining(`approve ${id}\n`)]);
    expect(await rowOf('payment_intents', payment.id)).toEqual(before);
    const listed = (await rig.run('proposals', 'list')).out;
    expect(listed).toMatch(
      new RegExp(
        `^${id} .* ann +resolve +payment:${payment.id} +as=succeeded version=1 +until`,
        'm',
      ),
    );

    expect((await as('bob', 'approve', id)).out).toBe(
      `${payment.reference} is now succeeded; it was in doubt (no_reply).\n`,
    );
    expect(await statusOf(payment)).toBe('succeeded');
    expect(await audited(id)).toEqual([
      'ann  propose seen in the dashboard',
      'bob ann approve ',
      'bob ann resolve seen in the dashboard',
    ]);
    expect((await rig.run('explain', payment.reference)).out).toMatch(
      /2 +bob \(proposed by ann\) +resolve +seen/,
    );
    expect((await rig.run('proposals', 'list', '--all')).out).toMatch(
      new RegExp(`^${id} .*approved by bob`, 'm'),
    );
  });

  it('cannot be approved by its proposer, even with a new key', async () => {
    const payment = await aDoubt();
    const id = idIn(await resolve('eve', payment.reference));
    const own = { exitCode: 1, err: expect.stringContaining('You proposed') };
    expect(await as('eve', 'approve', id)).toMatchObject(own);
    keys.eve = (await as('eve', 'operators', 'renew')).out.trimEnd();
    expect(await as('eve', 'approve', id)).toMatchObject(own);
    expect((await rig.runIn(LIMIT, 'approve', id)).exitCode).toBe(1);
    expect(await statusOf(payment)).toBe('inDoubt');
  });

  it('is resolved once when two operators approve concurrently', async () => {
    for (let round = 0; round < 5; round += 1) {
      const payment = await aDoubt();
      const id = idIn(await resolve('ann', payment.reference));
      const results = await Promise.all([as('bob', 'approve', id), as('eve', 'approve', id)]);
      expect(results.filter(({ exitCode }) => exitCode === 0)).toHaveLength(1);
      expect(results.find(({ exitCode }) => exitCode === 1)?.err).toContain('approved by');
      expect(await audited(id)).toHaveLength(3);
      expect(await rowOf('payment_intents', payment.id)).toMatchObject({ version: 2 });
    }
  });

  it('that has already ended stays unchanged, and so does the proposal', async () => {
    const payment = await aDoubt();
    const id = idIn(await resolve('ann', payment.reference));
    const alone = { QUITTANCE_OPERATOR_KEY: keys.bob };
    const end = ['resolve', payment.reference, '--as', 'failed', '--evidence', 'seen'];
    await rig.runIn(alone, ...end);
    expect(await as('bob', 'approve', id)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('has changed since the proposal: it is failed'),
    });
    expect(await statusOf(payment)).toBe('failed');
    expect(await rowOf('operator_proposals', id)).toMatchObject({ decision: null });
    expect(await audited(id)).toHaveLength(1);
  });

  it('is not resolved by a withdrawn or expired proposal', async () => {
    const payment = await aDoubt();
    const id = idIn(await resolve('ann', payment.reference));
    expect((await as('ann', 'proposals', 'withdraw', id)).exitCode).toBe(0);
    expect((await as('bob', 'approve', id)).err).toContain('was already withdrawn by ann');
    expect((await as('ann', 'proposals', 'withdraw', id)).exitCode).toBe(1);

    const late = idIn(await resolve('ann', payment.reference));
    await rig.pool.query(
      `BEGIN; SET LOCAL session_replication_role = replica;
       UPDATE operator_proposals SET proposed_at = now() - interval '2 h', expires_at = now() - interval '1 h'
       WHERE id = '${late}'; COMMIT`,
    );
    expect((await as('bob', 'approve', late)).err).toContain('expired at');
    expect((await rig.run('proposals', 'list')).out).not.toContain(late);
    expect((await as('bob', 'approve', 'prp_0')).err).toContain('There is no proposal');
    expect(await statusOf(payment)).toBe('inDoubt');
  });

  it('cannot be resolved without registered operators, however small it is', async () => {
    const other = await CliRig.start();
    await insertTestTerminal(other.pool);
    const payment = aPayment({ status: 'inDoubt', doubtReason: 'no_reply', attempt: 1 });
    await new Payments(other.pool).accept({ payment, terminalName: 'main', sealedCard: null });
    const command = ['resolve', payment.reference, '--as', 'failed', '--evidence', 'seen'];
    const result = await other.runIn({ FOUR_EYES_ABOVE: 'EUR:99999.00' }, ...command);
    expect(result).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('FOUR_EYES_ABOVE requires registered operators'),
    });
    expect((await other.run(...command)).exitCode).toBe(0);
    await other.stop();
  });
});

describe('a refund in doubt', () => {
  it('above the limit needs two operators too', async () => {
    const payment = aPaidPayment();
    await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
    const refund = aRefundOf(payment, { amountMinor: 1001n });
    const refunds = new Refunds(rig.pool);
    await refunds.request(refund);
    const now = new Date();
    for (const evidence of [
      { cause: 'request', act: 'open', replyBefore: now } as const,
      { cause: 'reply', outcome: { kind: 'unknown', reason: 'no_reply' }, random: 0 } as const,
    ]) {
      const before = await refunds.load(refund.id);
      if (!before) throw new Error('no such refund');
      const decision = decideRefund(before, evidence, now);
      await refunds.record({ before, decision, terminalName: 'main' });
    }
    const before = await rowOf('refunds', refund.id);
    const command = [
      'refunds',
      'resolve',
      refund.reference,
      '--as',
      'failed',
      '--evidence',
      'none',
    ];
    const id = idIn(await as('ann', ...command));
    expect(await rowOf('refunds', refund.id)).toEqual(before);
    expect((await as('ann', 'approve', id)).exitCode).toBe(1);
    expect((await as('bob', 'approve', id)).out).toContain('is now failed');
    expect(await rowOf('refunds', refund.id)).toMatchObject({ status: 'failed' });
    expect(await audited(id)).toContain('bob ann refunds resolve none');
  });
});

describe('a further operator', () => {
  it('needs two operators, so that one person cannot register a second identity', async () => {
    const result = await as('ann', 'operators', 'add', 'ann-too');
    const key = result.out.trimEnd();
    const id = idIn(result);
    const use = () => rig.runIn({ QUITTANCE_OPERATOR_KEY: key }, 'merchants', 'add', 'globex');
    expect((await use()).exitCode).toBe(1);
    expect((await rig.run('proposals', 'list')).out).not.toContain('sha256');
    expect((await as('ann', 'approve', id)).exitCode).toBe(1);
    expect((await as('bob', 'approve', id)).out).toContain('"ann-too" is registered');
    expect((await use()).exitCode).toBe(0);
    expect((await rig.run('audit', 'verify')).exitCode).toBe(0);
    const { rows } = await rig.pool.query('SELECT after::text FROM operator_actions');
    expect(JSON.stringify(rows)).not.toContain('sha256');
  });
});
