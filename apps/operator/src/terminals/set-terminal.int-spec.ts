// Goal: an absence counts only where the gateway can prove it, and a payment in doubt is inquired
// about as soon as its terminal allows it. Method: the commands over a real database.
import { Payments } from '@quittance/persistence';
import { aPayment } from '../../../../test/support/payments.js';
import { ADD_TERMINAL, CliRig } from '../../test/cli-rig.js';

let rig: CliRig;
beforeAll(async () => {
  rig = await CliRig.start();
});
afterAll(() => rig.stop());

const add = (name: string, ...more: string[]) =>
  rig.run(...ADD_TERMINAL, '--name', name, '--private-key', 'x', ...more);
const set = (name: string, ...more: string[]) =>
  rig.run('terminals', 'set', name, '--merchant', 'acme', ...more);
async function stored(name: string) {
  const { rows } = await rig.pool.query<{ inquiry: string; absent: string | null }>(
    'SELECT inquiry, absent_after_ms::text AS absent FROM terminals WHERE name = $1',
    [name],
  );
  return rows[0];
}

describe('a new terminal', () => {
  it('counts no absence by default', async () => {
    await add('plain');
    expect(await stored('plain')).toEqual({ inquiry: 'trans_id', absent: null });
    await add('patient', '--inquiry', 'probe', '--absent-after', '6h');
    expect(await stored('patient')).toEqual({ inquiry: 'probe', absent: '21600000' });
    expect((await rig.run('terminals', 'list')).out).toMatch(/patient .* probe +6h +- +-$/m);
  });

  it.each([
    ['trans-id', '6h', /cannot be looked up by transID/],
    ['reference', '6h', /a gateway that cannot look up references/],
    ['probe', '59s', /--absent-after must be at least 1m/],
  ])('with inquiry %s rejects an absence after %s', async (inquiry, duration, words) => {
    const name = `refused-${inquiry}`;
    const { exitCode, err } = await add(name, '--inquiry', inquiry, '--absent-after', duration);
    expect(exitCode).toBe(1);
    expect(err).toMatch(words);
    expect(await stored(name)).toBeUndefined();
  });
});

describe('an existing terminal', () => {
  it('can be set to count an absence, and back', async () => {
    await add('changing');
    expect(await set('changing', '--absent-after', '1h')).toMatchObject({ exitCode: 1 });
    const both = await set('changing', '--inquiry', 'probe', '--absent-after', '1h');
    expect(both.err).toContain('"changing" asks by probe, and an absence counts after 1h');
    expect(await stored('changing')).toEqual({ inquiry: 'probe', absent: '3600000' });
    const back = await set('changing', '--inquiry', 'reference');
    expect(back.err).toContain('--absent-after never');
    expect(await stored('changing')).toEqual({ inquiry: 'probe', absent: '3600000' });
    await set('changing', '--inquiry', 'reference', '--absent-after', 'never');
    expect(await stored('changing')).toEqual({ inquiry: 'reference', absent: null });
  });

  it('is not changed by missing or invalid options', async () => {
    expect((await set('changing')).err).toContain('Nothing to change');
    expect((await set('changing', '--absent-after', 'soon')).exitCode).toBe(2);
    expect((await set('nowhere', '--inquiry', 'probe')).err).toContain('no terminal "nowhere"');
  });

  it('triggers inquiries as soon as it allows them', async () => {
    await add('deaf');
    const { rows } = await rig.pool.query<{ id: string; merchant: string }>(
      `SELECT id, merchant_id AS merchant FROM terminals WHERE name = 'deaf'`,
    );
    const { id: terminalId = '', merchant: merchantId = '' } = rows[0] ?? {};
    const doubt = { status: 'inDoubt', doubtReason: 'no_reply', nextStepAt: null } as const;
    const payment = aPayment({ ...doubt, terminalId, merchantId });
    const payments = new Payments(rig.pool);
    await payments.accept({ payment, terminalName: 'deaf', sealedCard: null });
    expect((await set('deaf', '--inquiry', 'probe')).err).toMatch(/due for an inquiry now: 1\.$/m);
    expect((await payments.load(payment.id))?.payment.nextStepAt).not.toBeNull();
    // A repetition triggers inquiries again; another change does not.
    expect((await set('deaf', '--inquiry', 'probe')).err).toMatch(/due for an inquiry now: 1\.$/m);
    expect((await set('deaf', '--absent-after', '1h')).err).not.toContain('due for an inquiry now');
    expect((await set('deaf', '--inquiry', 'trans-id', '--absent-after', 'never')).err).not.toMatch(
      /due for an inquiry now/,
    );
  });

  it('moves to another lane with its queued payments', async () => {
    await add('moved');
    const { rows } = await rig.pool.query<{ id: string; merchant: string }>(
      `SELECT id, merchant_id AS merchant FROM terminals WHERE name = 'moved'`,
    );
    const { id: terminalId = '', merchant: merchantId = '' } = rows[0] ?? {};
    const queued = aPayment({ terminalId, merchantId });
    const sent = aPayment({ terminalId, merchantId, status: 'processing', attempt: 1 });
    const payments = new Payments(rig.pool);
    for (const payment of [queued, sent])
      await payments.accept({ payment, terminalName: 'moved', sealedCard: null });
    expect(await set('moved', '--lane', 'Not a lane')).toMatchObject({ exitCode: 2 });
    const result = await set('moved', '--lane', 'slow');
    expect(result.err).toContain('Its payments use the lane "slow". Moved there and due now: 1.');
    expect((await payments.load(queued.id))?.payment).toMatchObject({ lane: 'slow', asks: 1 });
    expect((await payments.load(sent.id))?.payment).toEqual(sent);
    expect((await rig.run('audit', 'list', '--subject', terminalId)).out).toContain(
      'terminals set',
    );
  });

  it('sends its queued payments as soon as it is resumed', async () => {
    await add('waiting');
    const { rows } = await rig.pool.query<{ id: string; merchant: string }>(
      `SELECT id, merchant_id AS merchant FROM terminals WHERE name = 'waiting'`,
    );
    const { id: terminalId = '', merchant: merchantId = '' } = rows[0] ?? {};
    const nextStepAt = new Date(Date.now() + 60_000);
    const payment = aPayment({ terminalId, merchantId, nextStepAt });
    const payments = new Payments(rig.pool);
    await payments.accept({ payment, terminalName: 'waiting', sealedCard: null });
    const pause = ['terminals', 'pause', 'waiting', '--merchant', 'acme', '--reason', 'incident'];
    expect((await rig.run(...pause)).err).toContain('nothing is sent except');
    const resumed = await rig.run('terminals', 'resume', 'waiting', '--merchant', 'acme');
    expect(resumed.err).toContain('Due now: payments 1, refunds 0.');
    const due = (await payments.load(payment.id))?.payment.nextStepAt;
    expect(due?.getTime()).toBeLessThanOrEqual(Date.now());
  });
});
