// Goal: the database rejects invalid refunds, even when they are written by hand. Method: plain SQL
// against the migrated tables, every transition of the 6 × 6 and every CHECK once; each attempt is
// rolled back.
import { mayRefundMove, refundStatuses, refundStatusToWire } from '@quittance/payments';
import { Payments, Refunds } from '@quittance/persistence';
import type { PoolClient } from 'pg';
import { aPaidPayment, aRefundOf } from '../../../../test/support/refunds.js';
import { GuardedDatabase } from '../../test/guarded-database.js';

let database: GuardedDatabase;
let client: PoolClient;
const payment = aPaidPayment();
const refund = aRefundOf(payment);

beforeAll(async () => {
  database = await GuardedDatabase.start();
  const { pool } = database;
  ({ client } = database);
  await new Payments(pool).accept({ payment, terminalName: 'main', sealedCard: null });
  await new Refunds(pool).request(refund);
});
beforeEach(() => database.begin());
afterEach(() => database.rollBack());
afterAll(() => database?.stop());

const resultOf = (sql: string) => database.resultOf(sql);

const CHECK_VIOLATION = '23514';
const facts = (status: string) =>
  `failure_code = ${status === 'failed' ? `'code'` : 'NULL'}, doubt_reason = ${status === 'in_doubt' ? `'why'` : 'NULL'}`;

const EVENT_COLUMNS =
  'refund_id, sequence, status, previous_status, cause, created_at, merchant_id, payment_id, payment_version, snapshot';
const SHOWN = `'${payment.merchantId}', '${payment.id}', 1, '{}'`;

/** Puts the refund in a status that no transition reaches, as a start. */
async function startAs(status: string): Promise<void> {
  await client.query('SET LOCAL session_replication_role = replica');
  await client.query(`UPDATE refunds SET status = '${status}', ${facts(status)}`);
  await client.query(`UPDATE refund_events SET status = '${status}'`);
  await client.query('SET LOCAL session_replication_role = origin');
}

it('the table of transitions is the same as the library’s', async () => {
  const { rows } = await client.query<{ move: string }>(
    `SELECT from_status || ' → ' || to_status AS move FROM refund_status_moves`,
  );
  const expected = refundStatuses.flatMap((from) =>
    refundStatuses
      .filter((to) => mayRefundMove(from, to))
      .map((to) => `${refundStatusToWire(from)} → ${refundStatusToWire(to)}`),
  );
  expect(rows.map(({ move }) => move).toSorted()).toEqual(expected.toSorted());
});

describe.each(refundStatuses)('a refund that is %s', (from) => {
  const moved = (to: string, by: number) => `
    WITH r AS (UPDATE refunds SET status = '${to}', version = version + ${by}, ${facts(to)}),
      e AS (INSERT INTO refund_events (${EVENT_COLUMNS})
        VALUES ('${refund.id}', ${1 + by}, '${to}', '${refundStatusToWire(from)}', 'reply', now(), ${SHOWN}))
    SELECT`;

  it('moves where the table allows and nowhere else, one version at a time', async () => {
    await startAs(refundStatusToWire(from));
    for (const to of refundStatuses.filter((other) => other !== from)) {
      const wire = refundStatusToWire(to);
      const expected = mayRefundMove(from, to) ? 'fine' : CHECK_VIOLATION;
      expect([to, await resultOf(moved(wire, 1))]).toEqual([to, expected]);
      expect(await resultOf(moved(wire, 2))).toBe(CHECK_VIOLATION);
    }
  });
});

const set = (assignment: string) => `UPDATE refunds SET ${assignment}`;
const attempt = (values: string) => `INSERT INTO refund_attempts
  (refund_id, number, opened_at, deadline_at, closed_at, outcome) VALUES ('${refund.id}', ${values})`;
const event = (sequence: number, previous: string, shown = SHOWN) => `
  INSERT INTO refund_events (${EVENT_COLUMNS})
  VALUES ('${refund.id}', ${sequence}, 'queued', ${previous}, 'request', now(), ${shown})`;
const another = (id: string, columns: string) => `
  INSERT INTO refunds SELECT r.* FROM refunds s,
    json_populate_record(s, '{"id": "${id}", "reference": "OTHER"${columns}}') r`;

/** A constraint, and a statement that violates it and no other. */
const BROKEN: readonly (readonly [string, string])[] = [
  ['refunds_reference_check', set(`reference = 'a b'`)],
  ['refunds_reference_check', set(`reference = ''`)],
  ['refunds_amount_minor_check', another('re_2', ', "amount_minor": 0')],
  ['refunds_currency_check', another('re_2', ', "currency": "eur"')],
  ['refunds_version_check', set('version = 0')],
  ['refunds_epoch_check', set('epoch = -1')],
  ['refunds_inquiries_check', set('inquiries = -1')],
  ['refunds_asks_check', set('asks = -1')],
  ['refund_failure_is_explained', set(`status = 'failed', version = 2`)],
  ['refund_failure_is_explained', set(`failure_code = 'code'`)],
  ['refund_doubt_is_explained', set(`doubt_reason = 'why'`)],
  ['refund_events_sequence_check', event(0, `'queued'`)],
  ['refund_events_check', event(2, 'NULL')],
  [
    'refund_event_is_publishable',
    event(2, `'queued'`, `'${payment.merchantId}', '${payment.id}', 1, NULL`),
  ],
  ['refund_event_is_publishable', event(2, `'queued'`, `NULL, '${payment.id}', 1, '{}'`)],
  ['refund_attempts_number_check', attempt('0, now(), now(), NULL, NULL')],
  ['refund_attempts_check', attempt('1, now(), now(), now(), NULL')],
];

describe('a transition and its event', () => {
  it.each([
    ['a status without its event', set(`status = 'submitting', version = 2`), 'refund_is_as_told'],
    ['a version without its event', set('version = 2'), 'refund_is_as_told'],
    [
      'an event that shows a payment that never was',
      `SET CONSTRAINTS ALL IMMEDIATE; ${event(2, `'queued'`, `'${payment.merchantId}', '${payment.id}', 2, '{}'`)}`,
      'refund_event_shows_the_payment',
    ],
    [
      'an event rewritten',
      `UPDATE refund_events SET note = 'x'`,
      'refund_event_is_never_rewritten',
    ],
  ])('cannot be separated: %s', async (_what, sql, constraint) => {
    expect(await resultOf(sql)).toBe(constraint);
  });
});

describe('a constraint', () => {
  it.each(BROKEN)('%s refuses %s', async (constraint, sql) => {
    expect(await resultOf(sql)).toBe(constraint);
  });

  it('is tested here, in any migration', async () => {
    const tried = new Set(BROKEN.map(([name]) => name));
    const checks = await database.checksOf(/^refund/);
    expect(checks.filter((name) => !tried.has(name))).toEqual([]);
  });

  it('lets a payment have a second refund only when the first has failed', async () => {
    expect(await resultOf(another('re_2', ''))).toBe('one_refund_per_payment');
    await startAs('failed');
    const second = another('re_2', ', "status": "queued", "failure_code": null');
    const firstEvent = `INSERT INTO refund_events (${EVENT_COLUMNS}) VALUES ('re_2', 1, 'queued', NULL, 'request', now(), ${SHOWN})`;
    expect(await resultOf(`WITH r AS (${second}), e AS (${firstEvent}) SELECT`)).toBe('fine');
  });

  it('lets a refund have one open attempt', async () => {
    await client.query(attempt('1, now(), now(), NULL, NULL'));
    expect(await resultOf(attempt('2, now(), now(), NULL, NULL'))).toBe(
      'one_open_attempt_per_refund',
    );
  });

  it.each([`amount_minor = 1`, `currency = 'USD'`])(
    'never changes the request of a refund: %s',
    async (assignment) => expect(await resultOf(set(assignment))).toBe(CHECK_VIOLATION),
  );
});
