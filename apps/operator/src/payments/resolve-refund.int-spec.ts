// Goal: an operator sees the state of a refund and ends a doubt with evidence. Method: the commands
// over a real database.
import { decideRefund, type RefundOutcome } from '@quittance/payments';
import { Payments, Refunds } from '@quittance/persistence';
import { aPaidPayment, aRefundOf } from '../../../../test/support/refunds.js';
import { ADD_TERMINAL, CliRig } from '../../test/cli-rig.js';

let rig: CliRig;
let reference: string;
let paymentReference: string;

beforeAll(async () => {
  rig = await CliRig.start();
  await rig.run(...ADD_TERMINAL, '--name', 'main', '--private-key', 'x');
});
afterAll(() => rig.stop());

beforeEach(async () => {
  const { rows } = await rig.pool.query<{ merchant: string; terminal: string }>(
    'SELECT merchant_id AS merchant, id AS terminal FROM terminals',
  );
  const { merchant: merchantId = '', terminal: terminalId = '' } = rows[0] ?? {};
  const payment = aPaidPayment({ merchantId, terminalId });
  await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
  const refund = aRefundOf(payment, { amountMinor: 500n });
  await new Refunds(rig.pool).request(refund);
  ({ reference } = refund);
  paymentReference = payment.reference;
});

/** Opens the refund's attempt and stores its outcome. */
async function send(outcome: RefundOutcome): Promise<void> {
  const refunds = new Refunds(rig.pool);
  const now = new Date();
  for (const evidence of [
    { cause: 'request', act: 'open', replyBefore: now } as const,
    { cause: 'reply', outcome, random: 0 } as const,
  ]) {
    const { rows } = await rig.pool.query<{ id: string }>(
      'SELECT id FROM refunds WHERE reference = $1',
      [reference],
    );
    const before = await refunds.load(rows[0]?.id ?? '');
    if (!before) throw new Error('no such refund');
    const decision = decideRefund(before, evidence, now);
    await refunds.record({ before, decision, terminalName: 'main' });
  }
}
const unanswered = { kind: 'unknown', reason: 'no_reply' } as const;
const resolve = (...args: string[]) => rig.run('refunds', 'resolve', reference, ...args);
const explain = async () => (await rig.run('explain', paymentReference)).out;

describe('refunds resolve', () => {
  it.each([
    ['failed', null],
    ['accepted', '500'],
  ])('as %s ends the doubt, stores the evidence, and triggers an inquiry', async (as, reserved) => {
    await send(unanswered);
    const evidence = 'dashboard at 14:05, ticket 4711';
    const { out, exitCode } = await resolve('--as', as, '--evidence', evidence, '--by', 'ada');
    expect([exitCode, out]).toEqual([
      0,
      `${reference} is now ${as}; it was in doubt (no_reply).\n`,
    ]);
    const { rows } = await rig.pool.query(
      `SELECT r.status, p.refund_reserved_minor, p.next_step_at <= now() AS due
       FROM refunds r JOIN payment_intents p ON p.id = r.payment_id WHERE r.reference = $1`,
      [reference],
    );
    expect(rows).toEqual([{ status: as, refund_reserved_minor: reserved, due: true }]);
    expect(await explain()).toMatch(new RegExp(`in_doubt +${as} +operator .*ada: ${evidence}`));
    const audited = await rig.pool.query(
      `SELECT operator, subject_kind, why, before->>'status' AS before, after->>'status' AS after, e.status AS moved
         FROM operator_actions a JOIN refund_events e USING (refund_id, sequence) JOIN refunds r ON r.id = refund_id
         WHERE r.reference = $1 AND action = 'refunds resolve'`,
      [reference],
    );
    const row = { operator: 'ada', subject_kind: 'refund', why: evidence, before: 'in_doubt' };
    expect(audited.rows).toEqual([{ ...row, after: as, moved: as }]);
  });

  it('can be repeated', async () => {
    await send(unanswered);
    const options = ['--as', 'failed', '--evidence', 'not in the dashboard'];
    await resolve(...options);
    const { out, exitCode } = await resolve(...options);
    expect([exitCode, out]).toEqual([
      0,
      expect.stringMatching(`^${reference} is already resolved as failed, at 20.*Z\\.\n$`),
    ]);
    const { err } = await resolve('--as', 'accepted', '--evidence', 'it is there');
    expect(err).toBe(`${reference} is not in doubt: it is failed.\n`);
  });

  it('rejects a refund that is not in doubt', async () => {
    const { err, exitCode } = await resolve('--as', 'failed', '--evidence', 'seen');
    expect([exitCode, err]).toEqual([1, `${reference} is not in doubt: it is queued.\n`]);
  });

  it.each([
    ['no evidence', [], /--evidence/],
    ['blank evidence', ['--evidence', '  '], /--evidence must be one line/],
    [
      'a card number',
      ['--evidence', 'card 4012 0000 3333 0026'],
      /--evidence seems to contain a card number/,
    ],
    ['an unknown status', ['--evidence', 'seen', '--as', 'succeeded'], /accepted, failed/],
  ])('rejects %s', async (_what, args, words) => {
    await send(unanswered);
    const { err, exitCode } = await resolve('--as', 'failed', ...args);
    expect(exitCode).not.toBe(0);
    expect(err).toMatch(words);
    expect(await explain()).toContain('status in_doubt');
  });

  it('rejects an unknown reference', async () => {
    const { err } = await rig.run(
      'refunds',
      'resolve',
      'NONE',
      '--as',
      'failed',
      '--evidence',
      'x',
    );
    expect(err).toBe('There is no refund with the reference NONE.\n');
  });
});

describe('explain', () => {
  it('shows a refund that waits to be sent', async () => {
    const out = await explain();
    expect(out).toMatch(new RegExp(`REFUND\n {2}${reference} {2}re_\\w+ {2}5\\.00 EUR\n`));
    expect(out).toMatch(/next: Waiting for a worker\. Its step is due at .* \(in \d+ s\)/);
  });

  it('shows a doubt with its attempt and the next inquiry', async () => {
    await send(unanswered);
    const out = await explain();
    expect(out).toContain('status in_doubt (no_reply), version 3');
    expect(out).toMatch(/next: Inquiry 1 about the payment at /);
  });
});
