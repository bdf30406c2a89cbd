// Goal: an operator ends a payment's doubt once, with a permanent reason, and changes nothing else.
// Method: the command over a real database, with the tables read back.
import { userInfo } from 'node:os';
import type { Payment } from '@quittance/payments';
import { Payments } from '@quittance/persistence';
import { aPayment, insertTestTerminal } from '../../../../test/support/payments.js';
import { CliRig } from '../../test/cli-rig.js';

let rig: CliRig;
beforeAll(async () => {
  rig = await CliRig.start();
  await insertTestTerminal(rig.pool);
});
afterAll(() => rig.stop());

async function accepted(overrides: Partial<Payment> = {}): Promise<Payment> {
  const payment = aPayment({
    status: 'inDoubt',
    doubtReason: 'no_reply',
    attempt: 1,
    ...overrides,
  });
  await new Payments(rig.pool).accept({ payment, terminalName: 'main', sealedCard: null });
  return payment;
}
const load = async ({ id }: Payment) => (await new Payments(rig.pool).load(id))?.payment;
const resolve = ({ reference }: Payment, as: string, ...more: string[]) =>
  rig.run('resolve', reference, '--as', as, '--evidence', 'seen in the dashboard', ...more);
async function ask<Row extends object>(sql: string, { id }: Payment): Promise<Row[]> {
  return (await rig.pool.query<Row>(sql, [id])).rows;
}

describe('resolving a doubt', () => {
  it('moves the payment, publishes an event, and records the operator and the reason', async () => {
    const payment = await accepted();
    const { out, exitCode } = await resolve(payment, 'succeeded', '--by', 'ann');
    expect({ out, exitCode }).toEqual({
      out: `${payment.reference} is now succeeded; it was in doubt (no_reply).\n`,
      exitCode: 0,
    });
    expect(await load(payment)).toMatchObject({ status: 'succeeded', version: 2 });
    expect(
      await ask(
        'SELECT status, cause, note FROM payment_events WHERE payment_id = $1 AND sequence = 2',
        payment,
      ),
    ).toEqual([{ status: 'succeeded', cause: 'operator', note: 'resolved_by_operator' }]);
    expect(await ask('SELECT sequence FROM outbox WHERE payment_id = $1', payment)).toHaveLength(2);
    expect(
      await ask(
        `SELECT operator, action, sequence, why, before->>'status' AS before, after->>'status' AS after
         FROM operator_actions WHERE payment_id = $1`,
        payment,
      ),
    ).toEqual([
      {
        operator: 'ann',
        action: 'resolve',
        sequence: 2,
        why: 'seen in the dashboard',
        before: 'in_doubt',
        after: 'succeeded',
      },
    ]);
  });

  it('records the operating system’s user name by default', async () => {
    const payment = await accepted();
    await resolve(payment, 'failed');
    expect(await load(payment)).toMatchObject({ failure: { code: 'resolved_by_operator' } });
    expect(
      await ask('SELECT operator FROM operator_actions WHERE payment_id = $1', payment),
    ).toEqual([{ operator: userInfo().username }]);
  });

  it('happens once, and a repeat reports that it is already done', async () => {
    const payment = await accepted();
    await resolve(payment, 'declined', '--by', 'ann');
    const again = await resolve(payment, 'declined', '--by', 'bob');
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.out).toMatch(/is already resolved as declined, by ann at 20\d\d-/);
    expect(await load(payment)).toMatchObject({ version: 2 });
    const other = await resolve(payment, 'failed');
    expect(other).toMatchObject({ exitCode: 1, out: '' });
    expect(other.err).toContain('is not in doubt: it is declined.');
  });

  it('succeeds for one of two concurrent operators', async () => {
    const payment = await accepted();
    const results = await Promise.all([
      resolve(payment, 'failed', '--by', 'ann'),
      resolve(payment, 'succeeded', '--by', 'bob'),
    ]);
    expect(results.filter(({ exitCode }) => exitCode === 0)).toHaveLength(1);
    expect(await ask('SELECT 1 FROM operator_actions WHERE payment_id = $1', payment)).toHaveLength(
      1,
    );
    expect(await load(payment)).toMatchObject({ version: 2 });
  });
});

describe('resolving is rejected', () => {
  it.each<[string, Partial<Payment>]>([
    ['queued', { status: 'queued', doubtReason: null, attempt: 0 }],
    ['submitting', { status: 'submitting', doubtReason: null }],
    ['succeeded', { status: 'succeeded', doubtReason: null, transId: '1' }],
  ])('for a payment that is %s', async (status, overrides) => {
    const payment = await accepted(overrides);
    const { exitCode, err } = await resolve(payment, 'succeeded');
    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: `${payment.reference} is not in doubt: it is ${status}. "explain ${payment.reference}" shows why.\n`,
    });
    expect(await load(payment)).toMatchObject({ version: 1 });
  });

  it.each(['queued', 'submitting', 'processing', 'in_doubt', 'refunded', 'chargedBack', 'paid'])(
    'with the status %s',
    async (status) => {
      const payment = await accepted();
      const { exitCode, err } = await resolve(payment, status);
      expect(exitCode).toBe(2);
      expect(err).toContain('Only a final status is allowed: succeeded, declined,');
      expect(await load(payment)).toMatchObject({ status: 'inDoubt' });
    },
  );

  it.each([
    ['no evidence', ' ', '--evidence must be one line of 1 to 1000 characters.'],
    ['a card number', 'paid with 4012 0000 3333 0026', '--evidence seems to contain a card number'],
  ])('with %s', async (_, evidence, words) => {
    const payment = await accepted();
    const args = ['resolve', payment.reference, '--as', 'failed', '--evidence', evidence];
    const { exitCode, err } = await rig.run(...args);
    expect(exitCode).toBe(1);
    expect(err).toContain(words);
    expect(err).not.toContain('3333');
    expect(await load(payment)).toMatchObject({ status: 'inDoubt' });
  });

  it('for an unknown reference', async () => {
    const unknown = await resolve(aPayment({ reference: 'NONE' }), 'failed');
    expect(unknown).toMatchObject({
      exitCode: 1,
      err: 'There is no payment with the reference NONE.\n',
    });
  });
});
