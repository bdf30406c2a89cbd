// Goal: the database rejects invalid data, even when it is written by hand. Method: plain SQL
// against the migrated tables, every transition of the 17 × 17 and every CHECK once; each attempt
// is rolled back.
import { mayMove, paymentStatuses, type PaymentStatus, statusToWire } from '@quittance/payments';
import type { PoolClient } from 'pg';
import { GuardedDatabase } from '../test/guarded-database.js';

let database: GuardedDatabase;
let client: PoolClient;

beforeAll(async () => {
  database = await GuardedDatabase.start();
  const { pool } = database;
  ({ client } = database);
  await pool.query(accepted('pi_a', 'queued'));
});
beforeEach(() => database.begin());
afterEach(() => database.rollBack());
afterAll(() => database?.stop());

const doubt = (status: string) => (status === 'in_doubt' ? `'timeout'` : 'NULL');
/** An assumed end, which may move wherever the table says. */
const failure = (status: string) =>
  ['failed', 'declined', 'blocked'].includes(status) ? `'resolved_by_operator'` : 'NULL';
const INTENT = (id: string, status: string) => `
  INSERT INTO payment_intents (id, merchant_id, terminal_id, reference, mode, lane, amount_minor, refunded_minor, currency,
    method, product_name, return_url, customer, metadata, status, version, epoch, inquiries, failure_code, doubt_reason,
    flags, submit_before, created_at, updated_at)
  VALUES ('${id}', 'mer_test', 'ter_test', 'REF-${id}', 'test', 'default', 1111, 0, 'EUR', 'CC', 'x', 'https://x', '{}', '{}',
    '${status}', 1, 0, 0, ${failure(status)}, ${doubt(status)}, '{}', now(), now(), now())`;
const eventOf = (id: string, sequence: number, status: string, previous: string) => `
  INSERT INTO payment_events (payment_id, sequence, merchant_id, status, previous_status, cause, snapshot, created_at)
  VALUES ('${id}', ${sequence}, 'mer_test', '${status}', ${previous}, 'request', '{}', now())`;
/** Inserts a payment in that status with its first event, in one statement as the apps do. */
const accepted = (id: string, status: string) =>
  `WITH p AS (${INTENT(id, status)}), e AS (${eventOf(id, 1, status, 'NULL')}) SELECT`;

const setIntent = (assignment: string) =>
  `UPDATE payment_intents SET ${assignment} WHERE id = 'pi_a'`;

const resultOf = (sql: string) => database.resultOf(sql);

describe('the table of transitions', () => {
  it('is the same as the library’s', async () => {
    const { rows } = await client.query<{ move: string }>(
      `SELECT from_status || ' → ' || to_status AS move FROM payment_status_moves`,
    );
    const expected = paymentStatuses.flatMap((from) =>
      paymentStatuses
        .filter((to) => mayMove(from, to))
        .map((to) => `${statusToWire(from)} → ${statusToWire(to)}`),
    );
    expect(rows.map(({ move }) => move).toSorted()).toEqual(expected.toSorted());
  });
});

describe.each(paymentStatuses.map((status) => [statusToWire(status), status] as const))(
  'a payment that is %s',
  (wire, from) => {
    const moved = (to: PaymentStatus, version: number) => {
      const next = statusToWire(to);
      return `WITH p AS (UPDATE payment_intents SET status = '${next}', version = ${version},
          failure_code = ${failure(next)}, doubt_reason = ${doubt(next)} WHERE id = 'pi_b'),
        e AS (${eventOf('pi_b', version, next, `'${wire}'`)}) SELECT`;
    };

    it('moves where the table allows and nowhere else', async () => {
      await client.query(accepted('pi_b', wire));
      for (const to of paymentStatuses) {
        const expected = mayMove(from, to) ? 'fine' : 'event_is_a_move';
        expect([to, await resultOf(moved(to, 2))]).toEqual([to, expected]);
      }
    });

    it('does not move without raising its version by one', async () => {
      await client.query(accepted('pi_b', wire));
      for (const to of paymentStatuses.filter((candidate) => mayMove(from, candidate))) {
        expect(await resultOf(moved(to, 1))).toBe('payment_events_check');
        expect(await resultOf(moved(to, 3))).toBe('event_is_a_move');
      }
    });
  },
);

describe('a transition and its event', () => {
  const moved = `WITH p AS (UPDATE payment_intents SET status = 'submitting', version = 2 WHERE id = 'pi_a'),
    e AS (${eventOf('pi_a', 2, 'submitting', `'queued'`)}) SELECT`;

  it.each([
    ['a payment without its first event', INTENT('pi_c', 'queued'), 'payment_is_as_told'],
    [
      'a status without its event',
      setIntent(`status = 'submitting', version = 2`),
      'payment_is_as_told',
    ],
    [
      'another status under the same version',
      setIntent(`status = 'cancelled'`),
      'payment_is_as_told',
    ],
    ['a version without its event', setIntent('version = 2'), 'payment_is_as_told'],
    [
      'an event without its status',
      eventOf('pi_a', 2, 'submitting', `'queued'`),
      'event_is_a_move',
    ],
    [
      'an event of no payment',
      eventOf('pi_x', 1, 'queued', 'NULL'),
      'payment_events_payment_id_fkey',
    ],
  ])('cannot be separated: %s', async (_, sql, constraint) => {
    expect(await resultOf(sql)).toBe(constraint);
  });

  it.each([
    [
      'a return to an earlier state',
      setIntent(`status = 'queued', version = 1`),
      'payment_is_as_told',
    ],
    ['an event rewritten', `UPDATE payment_events SET note = 'x'`, 'event_is_never_rewritten'],
    [
      'an event that does not start where the last one ended',
      `WITH p AS (UPDATE payment_intents SET status = 'processing', version = 3 WHERE id = 'pi_a'),
        e AS (${eventOf('pi_a', 3, 'processing', `'requires_action'`)}) SELECT`,
      'event_is_a_move',
    ],
  ])('cannot be changed once written: %s', async (_, sql, constraint) => {
    expect(await resultOf(moved)).toBe('fine');
    await client.query(moved);
    expect(await resultOf(sql)).toBe(constraint);
  });
});

const long = (length: number) => `repeat('x', ${length})`;
const setTerminal = (assignment: string) => `UPDATE terminals SET ${assignment}`;
const attempt = (values: string) => `INSERT INTO submission_attempts
  (payment_id, number, opened_at, deadline_at, closed_at, outcome) VALUES ('pi_a', ${values})`;
const apiKey = (secret: string, scopes: string, more = 'NULL, NULL', merchant = `'mer_test'`) =>
  `INSERT INTO api_keys VALUES
    ('key_1', ${merchant}, ${secret}, ${scopes}, now(), NULL, NULL, NULL, ${more})`;
const opsKey = (scopes: string, holder = `'ann'`) =>
  apiKey(digest(32), scopes, `NULL, NULL, ${holder}`, 'NULL');
const keyHolder = (appAndHost: string) =>
  `INSERT INTO key_holders VALUES ('proc_1', ${appAndHost}, 1, '{}', now())`;
const digest = (bytes: number) => `decode(repeat('00', ${bytes}), 'hex')`;

const batch = (id: string, counts: string) =>
  `INSERT INTO payment_batches VALUES ('mer_test', ${id}, ${counts}, now(), now())`;
const dropIn = (key: string, networks: string, acceptsPlain = true) => `INSERT INTO drop_ins
  VALUES ('ter_test', ${key}, ${networks}, '{}', ${acceptsPlain}, NULL, now())`;

const secondWatch = 'INSERT INTO queue_watch VALUES (false, $$run$$, now())';

/** A constraint, and a statement that violates it and no other. */
const walk = (values: string) => `INSERT INTO retention VALUES (${values}, now(), now())`;
/** An insertion, because no update may mark an open payment. */
const INTENT_ERASED = INTENT('pi_c', 'queued')
  .replace('updated_at)', 'updated_at, personal_data_erased_at)')
  .replace('now(), now(), now())', 'now(), now(), now(), now())');
const replay = (subscriber: string, until: string, replayed: number) =>
  `INSERT INTO event_replays VALUES ('rpl_1', ${subscriber}, now(), ${until}, now(), '', 0, ${replayed}, 'ann', now(), NULL)`;
const lane = (values: string) => `INSERT INTO lanes VALUES (${values})`;

const BROKEN: readonly (readonly [string, string])[] = [
  ['queue_watch_only_row_check', secondWatch],
  ['merchants_name_check', `INSERT INTO merchants VALUES ('mer_2', '', now())`],
  ['merchants_name_check', `INSERT INTO merchants VALUES ('mer_2', ${long(101)}, now())`],
  ['api_keys_secret_sha256_check', apiKey(digest(31), `'{payments:read}'`)],
  ['api_keys_scopes_check', apiKey(digest(32), `'{}'`)],
  [
    'api_keys_signing_public_key_check',
    apiKey(digest(32), `'{payments:read}'`, `${digest(31)}, NULL`),
  ],
  ['api_keys_requests_per_second_check', apiKey(digest(32), `'{payments:read}'`, 'NULL, 0')],
  ['key_has_one_owner', opsKey(`'{ops:read}'`, 'NULL')],
  ['key_has_one_owner', apiKey(digest(32), `'{payments:read}'`, `NULL, NULL, 'ann'`)],
  ['api_keys_holder_check', opsKey(`'{ops:read}'`, `''`)],
  ['ops_scopes_are_the_operators', apiKey(digest(32), `'{ops:read}'`)],
  ['ops_scopes_are_the_operators', apiKey(digest(32), `'{payments:read,ops:write}'`)],
  ['ops_scopes_are_the_operators', opsKey(`'{ops:read,payments:read}'`)],
  ['terminals_name_check', setTerminal(`name = ''`)],
  ['terminals_base_url_check', setTerminal(`base_url = 'ftp://x'`)],
  ['terminals_number_check', setTerminal('number = 0')],
  ['terminals_lane_check', setTerminal(`lane = 'No lane'`)],
  ['terminals_check', setTerminal('paused_at = now()')],
  ['terminals_check', setTerminal(`paused_reason = 'why'`)],
  ['absence_needs_patience', setTerminal(`inquiry = 'probe', absent_after_ms = 59999`)],
  ['absence_needs_proof', setTerminal(`inquiry = 'reference', absent_after_ms = 60000`)],
  ['event_replays_subscriber_check', replay(`''`, `'infinity'`, 0)],
  ['event_replays_replayed_check', replay('NULL', `'infinity'`, -1)],
  ['event_replay_is_a_span', replay('NULL', 'now()', 0)],
  ['lanes_name_check', lane(`'No lane', NULL, NULL, NULL, NULL, NULL, now()`)],
  ['lanes_concurrency_check', lane(`'a', 0, NULL, NULL, NULL, NULL, now()`)],
  ['lanes_rate_per_second_check', lane(`'a', NULL, 10001, NULL, NULL, NULL, now()`)],
  ['lanes_paused_at_check', lane(`'a', NULL, NULL, 'infinity', 'x', 'ann', now()`)],
  ['lanes_paused_reason_check', lane(`'a', NULL, NULL, now(), ' ', 'ann', now()`)],
  ['lanes_paused_by_check', lane(`'a', NULL, NULL, now(), 'x', '', now()`)],
  ['lanes_updated_at_check', lane(`'a', NULL, NULL, NULL, NULL, NULL, 'infinity'`)],
  ['lane_pause_is_explained', lane(`'a', NULL, NULL, now(), 'x', NULL, now()`)],
  ['payment_intents_reference_check', setIntent(`reference = '12345'`)],
  ['payment_intents_reference_check', setIntent(`reference = 'a b'`)],
  ['payment_intents_reference_check', setIntent(`reference = ${long(65)}`)],
  ['payment_intents_order_id_check', setIntent(`order_id = '12345'`)],
  ['payment_intents_order_id_check', setIntent(`order_id = 'a b'`)],
  ['payment_intents_order_id_check', setIntent(`order_id = ${long(65)}`)],
  ['payment_intents_idempotency_key_check', setIntent(`idempotency_key = ''`)],
  ['payment_intents_idempotency_key_check', setIntent(`idempotency_key = ${long(256)}`)],
  [
    'payment_intents_forwarded_version_check',
    setIntent(`webhook_url = 'x', webhook_encryption = 'none', forwarded_version = 0`),
  ],
  [
    'payment_intents_forward_failures_check',
    setIntent(`webhook_url = 'x', webhook_encryption = 'none', forward_failures = 0`),
  ],
  ['traceparent_is_one', setIntent(`traceparent = ''`)],
  ['traceparent_is_one', setIntent(`traceparent = '00-${'0'.repeat(32)}-4012000033330026'`)],
  ['return_page_is_a_web_address', setIntent(`return_page = ''`)],
  ['return_page_is_a_web_address', setIntent(`return_page = 'ftp://x'`)],
  ['return_page_is_a_web_address', setIntent(`return_page = 'https://x?y'`)],
  ['erased_data_is_gone', INTENT_ERASED],
  ['retention_kind_check', walk(`'everything', 1, '', NULL, 0`)],
  ['retention_keep_days_check', walk(`'history', 0, '', NULL, 0`)],
  [
    'transaction_has_a_gateway',
    `INSERT INTO payment_tombstones VALUES ('m', 'R', NULL, NULL, '1', now())`,
  ],
  ['retention_ended_check', walk(`'history', 1, '', NULL, -1`)],
  ['webhook_is_whole', setIntent(`webhook_url = 'https://x'`)],
  ['webhook_is_whole', setIntent(`webhook_encryption = 'none'`)],
  ['callbacks_go_to_a_webhook', setIntent('forward_at = now()')],
  ['callbacks_go_to_a_webhook', setIntent('forwarded_version = 1')],
  ['callbacks_go_to_a_webhook', setIntent('forward_failures = 1')],
  ['payment_batches_id_check', batch(`'a b'`, '1, 0, 0, 0, 0')],
  ['payment_batches_id_check', batch(`''`, '1, 0, 0, 0, 0')],
  ['payment_batches_id_check', batch(long(65), '1, 0, 0, 0, 0')],
  ['payment_batches_run_check', batch(`'b'`, '0, 0, 0, 0, 0')],
  ['payment_batches_accepted_check', batch(`'b'`, '1, 0, -1, 0, 0')],
  ['payment_batches_replayed_check', batch(`'b'`, '1, 0, 0, -1, 0')],
  ['payment_batches_refused_check', batch(`'b'`, '1, 0, 0, 0, -1')],
  ['a_line_is_counted_once', batch(`'b'`, '1, 2, 1, 1, 1')],
  ['drop_ins_public_key_check', dropIn(long(42), `'{127.0.0.1/32}'`)],
  ['drop_ins_public_key_check', dropIn(long(45), `'{127.0.0.1/32}'`)],
  ['drop_ins_caller_networks_check', dropIn(long(44), `'{}'`)],
  ['drop_in_accepts_something', dropIn(long(44), `'{127.0.0.1/32}'`, false)],
  ['payment_intents_amount_minor_check', setIntent('amount_minor = 0')],
  ['payment_intents_refunded_minor_check', setIntent('refunded_minor = -1')],
  ['payment_intents_currency_check', setIntent(`currency = 'eur'`)],
  ['payment_intents_card_first6_check', setIntent(`card_first6 = '40120000'`)],
  ['payment_intents_card_last4_check', setIntent(`card_last4 = '4012000033330026'`)],
  ['payment_intents_version_check', setIntent('version = 0')],
  ['payment_intents_epoch_check', setIntent('epoch = -1')],
  ['payment_intents_inquiries_check', setIntent('inquiries = -1')],
  ['payment_intents_asks_check', setIntent('asks = -1')],
  ['payment_intents_asks_answered_check', setIntent('asks_answered = -1')],
  ['payment_intents_callback_kid_check', setIntent(`callback_kid = 'a b'`)],
  ['payment_intents_trans_id_check', setIntent(`trans_id = '1.0E17'`)],
  [
    'card_is_gone_once_fenced',
    setIntent(`status = 'submitting', version = 2, sealed_card = 'jwe'`),
  ],
  ['never_refunded_beyond_amount', setIntent('refunded_minor = 1112')],
  ['payment_intents_refund_reserved_minor_check', setIntent('refund_reserved_minor = 0')],
  ['never_reserved_beyond_amount', setIntent('refund_reserved_minor = 1112')],
  ['refunded_was_reserved', setIntent('refunded_minor = 1')],
  ['refunded_was_reserved', setIntent('refunded_minor = 6, refund_reserved_minor = 5')],
  ['failure_is_explained', setIntent(`status = 'failed', version = 2`)],
  ['doubt_is_explained', setIntent(`doubt_reason = 'timeout'`)],
  ['payment_events_sequence_check', eventOf('pi_a', 0, 'queued', `'queued'`)],
  ['payment_events_check', eventOf('pi_a', 2, 'queued', 'NULL')],
  [
    'replica_beats_only_row_check',
    'INSERT INTO replica_beats VALUES (false, ARRAY[gen_random_uuid()], now())',
  ],
  ['replica_beats_beats_check', `INSERT INTO replica_beats VALUES (true, '{}', now())`],
  ['ended_events_endings_check', `INSERT INTO ended_events VALUES ('mer_test', '1', 'pi_a', 1, 0)`],
  ['submission_attempts_number_check', attempt('0, now(), now(), NULL, NULL')],
  ['submission_attempts_check', attempt('1, now(), now(), now(), NULL')],
  ['submission_attempts_check', attempt(`1, now(), now(), NULL, 'reported'`)],
  [
    'callbacks_content_sha256_check',
    `INSERT INTO callbacks VALUES ('pi_a', ${digest(16)}, true, 'parked', NULL, '{}', now())`,
  ],
  ['signature_nonces_digest_check', `INSERT INTO signature_nonces VALUES (${digest(16)}, now())`],
  ['key_holders_app_check', keyHolder(`'sandbox', 'host'`)],
  ['key_holders_host_check', keyHolder(`'api', ''`)],
  ['key_uses_purpose_check', `INSERT INTO key_uses VALUES ('jokes', 'k1', now())`],
  ['key_uses_kid_check', `INSERT INTO key_uses VALUES ('cards', 'k 1', now())`],
];

describe('a constraint', () => {
  it.each(BROKEN)('%s refuses %s', async (constraint, sql) => {
    expect(await resultOf(sql)).toBe(constraint);
  });

  it('is tested here, in any migration; refunds and the audit log have guards of their own', async () => {
    const tried = new Set(BROKEN.map(([name]) => name));
    const checks = await database.checksOf(/^(?!refund|operator|audit)/);
    expect(checks.filter((name) => !tried.has(name))).toEqual([]);
  });

  it('lets a payment have one open attempt, and a further one only when it is closed', async () => {
    await client.query(attempt('1, now(), now(), NULL, NULL'));
    expect(await resultOf(attempt('2, now(), now(), NULL, NULL'))).toBe(
      'one_open_attempt_per_payment',
    );
    await client.query(`UPDATE submission_attempts SET closed_at = now(), outcome = 'notSent'`);
    expect(await resultOf(attempt('2, now(), now(), NULL, NULL'))).toBe('fine');
  });

  it.each(['{ops:read,payments:read}', '{ops:read,ops:write}'])(
    "lets a revoked key of a merchant have the operator's scopes %s, and stay revoked only",
    async (scopes) => {
      await client.query(
        apiKey(digest(32), `'${scopes}'`).replace('now(), NULL, NULL', 'now(), NULL, now()'),
      );
      const back = `UPDATE api_keys SET revoked_at = NULL WHERE id = 'key_1'`;
      expect(await resultOf(back)).toBe('ops_scopes_are_the_operators');
      expect(await resultOf(`UPDATE api_keys SET last_used_at = now() WHERE id = 'key_1'`)).toBe(
        'fine',
      );
    },
  );

  it('requires a terminal of the payment’s own merchant', async () => {
    await client.query(`INSERT INTO merchants VALUES ('mer_2', 'other', now())`);
    expect(await resultOf(setIntent(`merchant_id = 'mer_2'`))).toMatch(
      /^payment_intents_terminal_id/,
    );
  });
});

describe('an end that the gateway itself reported', () => {
  it.each([
    ['declined', 'succeeded', 'gateways_word_stands'],
    ['blocked', 'succeeded', 'gateways_word_stands'],
    ['failed', 'declined', 'gateways_word_stands'],
    ['failed', 'succeeded', 'fine'],
  ])('as %s, becoming %s: %s', async (from, to, expected) => {
    await client.query(accepted('pi_b', from));
    await client.query(`UPDATE payment_intents SET failure_code = 'gateway' WHERE id = 'pi_b'`);
    const moved = `WITH p AS (UPDATE payment_intents SET status = '${to}', version = 2 WHERE id = 'pi_b'),
      e AS (${eventOf('pi_b', 2, to, `'${from}'`)}) SELECT`;
    expect(await resultOf(moved)).toBe(expected);
  });
});
