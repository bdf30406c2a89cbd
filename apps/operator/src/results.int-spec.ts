// Goal: a script can use every command: results as JSON, lists by status, and nothing but results
// on stdout. Method: the commands over a real database with a payment and a refund in doubt.
import { decideRefund } from '@quittance/payments';
import { Payments, Refunds } from '@quittance/persistence';
import { aPaidPayment, aRefundOf } from '../../../test/support/refunds.js';
import { ADD_TERMINAL, CliRig } from '../test/cli-rig.js';

let rig: CliRig;
let payment: ReturnType<typeof aPaidPayment>;
let refund: ReturnType<typeof aRefundOf>;

beforeAll(async () => {
  rig = await CliRig.start();
  await rig.run('merchants', 'add', 'globex');
  const main = [...ADD_TERMINAL, '--name', 'main', '--private-key', 'x'];
  await rig.run(...main);
  await rig.run(...main.with(3, 'globex'));
  payment = await aStoredPayment('acme');
  await aStoredPayment('globex');
  refund = await aRefundInDoubt();
});
afterAll(() => rig.stop());

async function aStoredPayment(merchant: string) {
  const { rows } = await rig.pool.query<{ merchantId: string; terminalId: string }>(
    `SELECT t.merchant_id AS "merchantId", t.id AS "terminalId"
     FROM terminals t JOIN merchants m ON m.id = t.merchant_id WHERE m.name = $1`,
    [merchant],
  );
  const paid = aPaidPayment(rows[0]);
  await new Payments(rig.pool).accept({ payment: paid, terminalName: 'main', sealedCard: null });
  return paid;
}

async function aRefundInDoubt() {
  const refunds = new Refunds(rig.pool);
  const requested = aRefundOf(payment, { amountMinor: 500n });
  await refunds.request(requested);
  const now = new Date();
  const outcome = { kind: 'unknown', reason: 'no_reply' } as const;
  for (const evidence of [
    { cause: 'request', act: 'open', replyBefore: now } as const,
    { cause: 'reply', outcome, random: 0 } as const,
  ]) {
    const before = (await refunds.load(requested.id))!;
    const decision = decideRefund(before, evidence, now);
    await refunds.record({ before, decision, terminalName: 'main' });
  }
  return requested;
}

/** Runs a command with --json, and returns the objects that it prints. */
async function json(...args: string[]): Promise<object[]> {
  const { exitCode, out, err } = await rig.run(...args, '--json');
  expect([exitCode, err]).toEqual([0, expect.any(String)]);
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as object);
}

describe('lists', () => {
  it('of payments have those of all merchants, newest first', async () => {
    const listed = await json('payments', 'list');
    expect(listed).toEqual([
      expect.objectContaining({ merchant: 'globex' }),
      expect.objectContaining({
        id: payment.id,
        reference: payment.reference,
        merchant: 'acme',
        terminal: 'main',
        amount: '11.11',
        currency: payment.currency,
      }),
    ]);
    const { out } = await rig.run('payments', 'list', '--merchant', 'acme');
    expect(out).toMatch(new RegExp(`^${payment.reference} +${payment.id} +acme +main `, 'm'));
    expect(out.trimEnd().split('\n')).toHaveLength(2);
  });

  it('select by status, time and number', async () => {
    const [status] = (await json('payments', 'list')).map(
      (row) => (row as { status: string }).status,
    );
    expect(await json('payments', 'list', '--status', `${status},in_doubt`)).toHaveLength(2);
    expect(await json('payments', 'list', '--status', 'in_doubt')).toEqual([]);
    expect(await json('payments', 'list', '--since', '2099-01-01')).toEqual([]);
    expect(await json('payments', 'list', '--limit', '1')).toHaveLength(1);
    const refunds = await json('refunds', 'list', '--status', 'in_doubt', '--merchant', 'acme');
    expect(refunds).toEqual([
      expect.objectContaining({
        reference: refund.reference,
        payment_reference: payment.reference,
        amount: '5.00',
        status: 'in_doubt',
        doubt_reason: 'no_reply',
      }),
    ]);
    expect(await json('refunds', 'list', '--merchant', 'globex')).toEqual([]);
  });

  it.each([
    [['--status', 'paid'], 'A status is one of queued, '],
    [['--since', 'yesterday'], 'A date has the form'],
    [['--limit', '0'], 'A number of rows is 1 to 10000'],
    [['--limit', '10001'], 'A number of rows is 1 to 10000'],
  ])('reject %j', async (args, words) => {
    const wrong = await rig.run('payments', 'list', ...args);
    expect(wrong).toMatchObject({ exitCode: 2, out: '', err: expect.stringContaining(words) });
  });

  it('that are empty say so on stderr, and nothing on stdout', async () => {
    const none = { exitCode: 0, out: '', err: 'There are no such payments.\n' };
    expect(await rig.run('payments', 'list', '--status', 'disputed')).toEqual(none);
  });
});

describe('--json', () => {
  it('gives the explanation as facts', async () => {
    const [facts] = await json('explain', payment.reference);
    expect(facts).toMatchObject({
      merchant: 'acme',
      payment_intent: { id: payment.id, object: 'payment_intent', reference: payment.reference },
      transitions: [{ sequence: 1, from: null }],
      refunds: [{ reference: refund.reference, status: 'in_doubt' }],
      next_step: { description: expect.any(String) },
    });
    const [ofRefund] = await json('refunds', 'explain', refund.reference);
    expect(ofRefund).toMatchObject({
      id: refund.id,
      status: 'in_doubt',
      transitions: [{ to: 'queued' }, { to: 'submitting' }, { to: 'in_doubt' }],
      attempts: [],
      next_step: { description: expect.stringContaining('Inquiry 1') },
    });
  });

  it.each([
    [['merchants', 'add', 'initech'], { id: expect.stringMatching(/^mer_/), name: 'initech' }],
    [
      ['keys', 'create', '--merchant', 'acme', '--scopes', 'payments:read'],
      { id: expect.stringMatching(/^key_/), key: expect.stringMatching(/^qk_/) },
    ],
    [
      [...ADD_TERMINAL, '--name', 'second', '--private-key', 'x'],
      { id: expect.stringMatching(/^ter_/), merchant: 'acme', name: 'second' },
    ],
    [
      ['audit', 'verify'],
      { number: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]+$/) },
    ],
  ])('gives the result of %j', async (args, result) => {
    expect(await json(...args)).toEqual([expect.objectContaining(result)]);
  });

  it.each([
    ['merchants', 'name'],
    ['keys', 'scopes'],
    ['terminals', 'base_url'],
    ['audit', 'subject'],
  ])('lists %s, one object per line', async (command, member) => {
    const rows = await json(command, 'list');
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toHaveProperty(member);
  });

  it.each(['operators', 'proposals'])('lists %s, of which there are none', async (command) => {
    expect(await json(command, 'list')).toEqual([]);
  });
});

it('shows its version', async () => {
  expect(await rig.run('--version')).toEqual({ exitCode: 0, out: '1.2.3\n', err: '' });
});
