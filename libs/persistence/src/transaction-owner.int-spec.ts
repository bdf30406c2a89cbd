// Goal: a transaction of a gateway belongs to one payment, whatever the evidence and however many
// claim it at once; the second one stores nothing of it. Method: real Postgres, two stores with
// connections of their own.
import { randomUUID } from 'node:crypto';
import { decide, type Evidence, type GatewayReport, type Payment } from '@quittance/payments';
import { Payments, Refunds, TransactionOwners } from '@quittance/persistence';
import { Pool } from 'pg';
import { aPayment, insertTestTerminal, newTransId } from '../../../test/support/payments.js';
import {
  createTestDatabase,
  emptyPayments,
  type TestDatabase,
} from '../../../test/support/postgres.js';
import { aPaidPayment, aRefundOf } from '../../../test/support/refunds.js';
import type { Committed } from './payments.js';

const NOW = new Date('2026-11-21T10:00:05.000Z');
let database: TestDatabase;
let pools: readonly [Pool, Pool];
let committed: Committed[];

beforeAll(async () => {
  database = await createTestDatabase();
  const connectionString = database.url;
  pools = [new Pool({ connectionString }), new Pool({ connectionString })];
});
beforeEach(async () => {
  await emptyPayments(pools[0]);
  await insertTestTerminal(pools[0], { baseUrl: 'https://gateway.example' });
  committed = [];
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

const store = (which: 0 | 1 = 0) =>
  new Payments(pools[which], (all) => void committed.push(...all));
async function accepted(overrides: Partial<Payment>): Promise<Payment> {
  const payment = aPayment({ attempt: 1, ...overrides });
  await store().accept({ payment, terminalName: 'main', sealedCard: null });
  if (overrides.status === 'submitting')
    await pools[0].query(
      `INSERT INTO submission_attempts (payment_id, number, opened_at, deadline_at, opened_by) VALUES ($1, 1, now(), now(), $2)`,
      [payment.id, randomUUID()],
    );
  return payment;
}
const submitting = (overrides: Partial<Payment> = {}) =>
  accepted({ status: 'submitting', ...overrides });
const inDoubt = (overrides: Partial<Payment> = {}) =>
  accepted({ status: 'inDoubt', doubtReason: 'no_reply', ...overrides });
const load = async ({ id }: Payment) => (await store().load(id))?.payment;
async function rows(sql: string): Promise<unknown[]> {
  return (await pools[0].query(sql)).rows;
}

const reportOf = ({ reference }: Payment, transId: string): GatewayReport => ({
  transId,
  state: 'testApproved',
  orderStatus: '25',
  reference,
  amount: '11.11',
  currency: 'EUR',
  response: 'Approved',
  authUrl: 'https://gateway.example/api/authurl/1',
  maskedCard: null,
  isOtherTerminal: false,
  unreadable: [],
});
const END = {
  outcome: 'reported',
  httpStatus: 200,
  errorNumber: null,
  reason: null,
  durationMs: 1,
};

function apply(payments: Payments, payment: Payment, evidence: Evidence) {
  return payments.apply({ payment, sealedCard: null }, ({ payment: before }) => ({
    before,
    decision: decide(before, evidence, NOW),
    terminalName: 'main',
    ...(evidence.cause === 'reply' && { closesAttempt: END }),
  }));
}
const reply = (payment: Payment, transId: string): Evidence => ({
  cause: 'reply',
  outcome: { kind: 'reported', report: reportOf(payment, transId) },
  random: 0,
});
const inquiry = (payment: Payment, transId: string): Evidence => ({
  cause: 'inquiry',
  answer: { kind: 'reported', report: reportOf(payment, transId) },
});
const callback = (payment: Payment, transId: string): Evidence => ({
  cause: 'callback',
  report: reportOf(payment, transId),
});
const blocked = (_: Payment, transId: string): Evidence => ({
  cause: 'reply',
  outcome: { kind: 'blocked', code: '403', transId, message: 'Blocked' },
  random: 0,
});

const FOREIGN = 'transaction_of_another_payment';

describe('a transaction that another payment has', () => {
  it.each([
    ['the reply to a create', reply, 'submitting', 'inDoubt', FOREIGN],
    ['a block', blocked, 'submitting', 'inDoubt', FOREIGN],
    ['a reply after the sweeper', reply, 'inDoubt', 'inDoubt', FOREIGN],
    ['an inquiry', inquiry, 'inDoubt', 'inDoubt', FOREIGN],
  ] as const)('is not accepted from %s', async (_, evidence, from, to, doubtReason) => {
    const transId = newTransId();
    await accepted({ ...aPaidPayment(), transId });
    const second = await (from === 'submitting' ? submitting() : inDoubt());
    const change = await apply(store(), second, evidence(second, transId));
    expect(change?.decision).toMatchObject({ isDisbelieved: true, alert: FOREIGN });
    expect(await load(second)).toMatchObject({
      status: to,
      doubtReason,
      transId: null,
      orderStatus: null,
      gatewayResponse: null,
      authUrl: null,
    });
    expect(committed.at(-1)?.decision?.alert).toBe(FOREIGN);
  });

  it.each([
    ['', inDoubt],
    [' before the reply', submitting],
  ])('is not accepted from a callback%s, which triggers an inquiry', async (_, begin) => {
    const transId = newTransId();
    await accepted({ ...aPaidPayment(), transId });
    const second = await begin();
    await apply(store(), second, callback(second, transId));
    const { status, doubtReason } = second;
    expect(await load(second)).toMatchObject({ status, doubtReason, transId: null });
    expect((await load(second))?.hintedAt).not.toBeNull();
  });

  it('is not accepted with an unknown code either', async () => {
    const transId = newTransId();
    await accepted({ ...aPaidPayment(), transId });
    const second = await inDoubt();
    const report = { ...reportOf(second, transId), orderStatus: '99', state: 'unknown' as const };
    const answer = { kind: 'reported', report } as const;
    await apply(store(), second, { cause: 'inquiry', answer });
    expect(await load(second)).toMatchObject({ status: 'inDoubt', transId: null });
  });

  it('leaves the second payment its own transaction', async () => {
    const transId = newTransId();
    await accepted({ ...aPaidPayment(), transId });
    const second = await submitting();
    await apply(store(), second, reply(second, transId));
    const doubtful = (await load(second)) ?? second;
    const own = newTransId();
    await apply(store(), doubtful, inquiry(doubtful, own));
    expect(await load(second)).toMatchObject({ status: 'succeeded', transId: own });
  });
});

describe('two reports of the same transaction for two payments', () => {
  it.each([
    ['in one process', 0],
    ['in two processes', 1],
  ] as const)('at once, %s: one payment gets it, whatever the order', async (_, other) => {
    for (let round = 0; round < 20; round += 1) {
      const transId = newTransId();
      const both = [await submitting(), await submitting()] as const;
      const [one, two] = [store(0), store(other)];
      await Promise.all([
        apply(one, both[0], reply(both[0], transId)),
        apply(two, both[1], reply(both[1], transId)),
      ]);
      const found = await Promise.all(both.map(load));
      const winner = found.find((payment) => payment?.transId === transId);
      const loser = found.find((payment) => payment !== winner);
      expect(winner).toMatchObject({ status: 'succeeded' });
      expect(loser).toMatchObject({ status: 'inDoubt', transId: null, doubtReason: FOREIGN });
    }
  });

  it('do not affect other payments', async () => {
    const shared = newTransId();
    const all = await Promise.all(Array.from({ length: 30 }, () => submitting()));
    const payments = store();
    await Promise.all(
      all.map((payment, at) =>
        apply(payments, payment, reply(payment, at < 3 ? shared : newTransId())),
      ),
    );
    const statuses = (await Promise.all(all.map(load))).map((payment) => payment?.status);
    expect(statuses.filter((status) => status === 'succeeded')).toHaveLength(28);
    expect(statuses.slice(0, 3).filter((status) => status === 'inDoubt')).toHaveLength(2);
  });
});

describe('a refund of a transaction', () => {
  const refunds = () => new Refunds(pools[0]);
  async function paid(transId: string): Promise<Payment> {
    return accepted({ ...aPaidPayment(), transId });
  }

  it('is submitted if an inquiry or a callback about another payment named it', async () => {
    const transId = newTransId();
    const owner = await paid(transId);
    const second = await inDoubt();
    await apply(store(), second, inquiry(second, transId));
    await apply(store(), second, callback(second, transId));
    expect(await refunds().request(aRefundOf(owner))).toBe('reserved');
  });

  it('is not submitted if the reply to another payment’s own request named it', async () => {
    const transId = newTransId();
    const owner = await paid(transId);
    const second = await submitting();
    await apply(store(), second, reply(second, transId));
    expect(await rows('SELECT payment_id, gateway, trans_id FROM transaction_claims')).toEqual([
      { payment_id: second.id, gateway: 'gateway.example', trans_id: transId },
    ]);
    expect(await refunds().request(aRefundOf(owner))).toBe('notReservable');
    // An operator has found the owner.
    await pools[0].query('DELETE FROM transaction_claims');
    expect(await refunds().request(aRefundOf(owner))).toBe('reserved');
  });

  it('is not submitted once the owner of the transaction is in doubt', async () => {
    const transId = newTransId();
    const owner = await paid(transId);
    const refund = aRefundOf(owner);
    await refunds().request(refund);
    const second = await submitting();
    await apply(store(), second, reply(second, transId));
    const loaded = await refunds().load(refund.id);
    expect(loaded?.payment.foreignTransIds).toEqual(new Set([transId]));
  });
});

describe('the gateway of a terminal', () => {
  it.each([
    ['https://gateway.example', 'gateway.example'],
    ['https://GATEWAY.Example/', 'gateway.example'],
    ['https://gateway.example:443/v1/', 'gateway.example'],
    ['https://gateway.example:0443', 'gateway.example'],
    ['https://gateway.example.', 'gateway.example'],
    ['https://user@gateway.example/x?y#z', 'gateway.example'],
    ['http://gateway.example', 'gateway.example'],
    ['http://gateway.example:80', 'gateway.example'],
    ['http://gateway.example:443', 'gateway.example:443'],
    ['https://gateway.example:8443', 'gateway.example:8443'],
    ['https://other.example', 'other.example'],
    ['https://[2606:4700::1111]:443/a', '[2606:4700::1111]'],
    ['http://127.0.0.1:9003', '127.0.0.1:9003'],
    ['https://gateway.example\\evil.example', 'gateway.example'],
  ])('%s is %s', async (url, gateway) => {
    const { rows: named } = await pools[0].query('SELECT gateway_of($1) AS gateway', [url]);
    expect(named).toEqual([{ gateway }]);
  });

  async function at(baseUrl: string): Promise<string> {
    const id = `ter_${newTransId()}`;
    await insertTestTerminal(pools[0], { id, name: id, baseUrl });
    return id;
  }

  it('has transactions of its own, and the same ones under each spelling', async () => {
    const transId = newTransId();
    await accepted({ ...aPaidPayment(), transId });
    const elsewhere = await submitting({ terminalId: await at('https://other.example') });
    const here = await submitting({ terminalId: await at('https://GATEWAY.example:443/v2') });
    for (const payment of [elsewhere, here]) await apply(store(), payment, reply(payment, transId));
    expect(await load(elsewhere)).toMatchObject({ status: 'succeeded', transId });
    expect(await load(here)).toMatchObject({ status: 'inDoubt', transId: null });
  });

  it('stays as it was when the transaction was stored', async () => {
    const transId = newTransId();
    const owner = await accepted({ ...aPaidPayment(), transId });
    await pools[0].query(`UPDATE terminals SET base_url = 'https://moved.example'`);
    expect(await rows('SELECT gateway FROM payment_intents')).toEqual([
      { gateway: 'gateway.example' },
    ]);
    await pools[0].query(`UPDATE payment_intents SET inquiries = 1 WHERE id = '${owner.id}'`);
    expect(await rows('SELECT gateway FROM payment_intents')).toEqual([
      { gateway: 'gateway.example' },
    ]);
  });

  it('cannot be omitted or forged', async () => {
    await accepted(aPaidPayment());
    await pools[0].query(`UPDATE payment_intents SET trans_id = '7', gateway = 'made.up'`);
    expect(await rows('SELECT gateway FROM payment_intents')).toEqual([
      { gateway: 'gateway.example' },
    ]);
  });
});

describe('the other owners of a transaction found by a reference', () => {
  const TRANS_ID = newTransId();
  const others = async (payment: Payment) =>
    (await new TransactionOwners(pools[0]).others(payment, TRANS_ID)).map(({ id }) => id);

  async function merchantAt(baseUrl: string): Promise<Partial<Payment>> {
    const key = newTransId();
    await pools[0].query(`INSERT INTO merchants VALUES ('mer_${key}', '${key}', now())`);
    await insertTestTerminal(pools[0], { id: `ter_${key}`, name: key, baseUrl });
    await pools[0].query(`UPDATE terminals SET merchant_id = 'mer_${key}' WHERE id = 'ter_${key}'`);
    return { merchantId: `mer_${key}`, terminalId: `ter_${key}`, reference: 'SAME-1' };
  }

  it('include the one that has it, and those that may have been sent under the same reference', async () => {
    const asking = await inDoubt({ reference: 'SAME-1' });
    const [a, b, c, d, e] = [
      await merchantAt('https://gateway.example'),
      await merchantAt('http://GATEWAY.example/test'),
      await merchantAt('https://gateway.example'),
      await merchantAt('https://gateway.example'),
      await merchantAt('https://other.example'),
    ];
    const sent = await submitting(a);
    const owner = await accepted({ ...aPaidPayment(), ...b, transId: TRANS_ID });
    await accepted({ ...aPaidPayment(), ...c, transId: newTransId() });
    const unsent = await submitting(d);
    await pools[0].query(
      `UPDATE submission_attempts SET closed_at = now(), outcome = 'notSent' WHERE payment_id = $1`,
      [unsent.id],
    );
    await submitting(e);
    await submitting({ reference: 'OTHER-1' });
    expect((await others(asking)).toSorted()).toEqual([sent.id, owner.id].toSorted());
  });
});
