// The part "watch": very many payments that have ended are due to be asked about at once, and a few are in doubt. The doubts must not wait
// for the others: before the last doubt has its answer, less than half of the watch may have had its own.
import { Caller } from '../payments.ts';
import { SandboxControl } from '../sandbox-control.ts';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.ts';
import { inParallel, until } from '../waiting.ts';

const DOUBTS = 8;
const ENDS_WITHIN_MS = 900_000;
/** Counting a hundred thousand rows is work for Postgres too. */
const COUNT_EVERY_MS = 2_000;
/** Keeps the watch from being due until all is planted. */
const LATER = `interval '1 hour'`;

const TERMINAL = `SELECT id, merchant_id AS merchant FROM terminals WHERE name = 'main'`;
/** With the guards off: these payments had no life before. Their transIDs belong to no other payment. */
const plant = ({ id, merchant }, count) => `
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO payment_intents (id, merchant_id, terminal_id, reference, mode, lane, amount_minor, refunded_minor, currency, method,
  product_name, return_url, customer, metadata, status, version, epoch, inquiries, trans_id, order_status, flags, submit_before,
  next_step_at, created_at, updated_at)
SELECT 'pi_' || to_char(n, 'FM00000000000000000000000000'), '${merchant}', '${id}', 'WATCHED-' || n, 'test', 'default', 1111, 0, 'EUR',
  'CC', 'Two tickets', 'https://shop.example/return', '{}', '{}', 'succeeded', 1, 1, 0, (700000000000000000 + n)::text, '1', '{}',
  now(), now() + ${LATER}, now(), now()
FROM generate_series(1, ${count}) n;
INSERT INTO payment_events (payment_id, sequence, merchant_id, status, cause, snapshot, created_at)
SELECT id, 1, merchant_id, status, 'request', '{}', created_at FROM payment_intents WHERE reference LIKE 'WATCHED-%';
COMMIT`;
const MAKE_DUE = `UPDATE payment_intents SET next_step_at = now() - ${LATER} WHERE reference LIKE 'WATCHED-%'`;
const LEFT = `SELECT count(*)::int AS count FROM payment_intents WHERE reference LIKE 'WATCHED-%' AND updated_at = created_at`;
/** From being in doubt to the answer. */
const WAITS = `
SELECT p.status::text, EXTRACT(EPOCH FROM max(e.created_at) - min(e.created_at) FILTER (WHERE e.status = 'in_doubt'))::float8 AS seconds
FROM payment_intents p JOIN payment_events e ON e.payment_id = p.id
WHERE p.reference LIKE $1 GROUP BY p.id, p.status`;

async function doubt(stack, reference) {
  const match = { reference };
  await new SandboxControl(stack.urls.sandbox).fault({ match, fault: 'drop_after_processing' });
  await Caller.of(stack).accept(reference);
}

const count = async (stack) => (await stack.query(LEFT))[0].count;

/** @type {import('../part.mjs').Part} */
export async function watchPart(context) {
  const { run, step, scale } = context;
  const { watched } = scale;
  const stack = await startStack(context, { prefix: 'watch' });
  const [terminal] = await stack.query(TERMINAL);
  await step('payments', async (say) => {
    say(`${watched} that are watched`);
    await stack.query(plant(terminal, watched));
    await stack.query(MAKE_DUE);
  });
  const startedAt = Date.now();
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
  const [waits, left] = await step('doubts', async () => {
    const references = Array.from({ length: DOUBTS }, (_, at) => `doubt-${run}-${at}`);
    await inParallel(references, DOUBTS, (reference) => doubt(stack, reference));
    const ended = async () => {
      const rows = await stack.query(WAITS, [`doubt-${run}-%`]);
      return rows.length === DOUBTS && rows.every(({ status }) => status === 'succeeded') && rows;
    };
    const rows = await until(ended, { what: 'every doubt', limitMs: ENDS_WITHIN_MS });
    return [rows, await count(stack)];
  });
  const longest = Math.max(...waits.map((wait) => wait.seconds));
  const limits = { limitMs: ENDS_WITHIN_MS, everyMs: COUNT_EVERY_MS };
  await step('watch', () =>
    until(async () => (await count(stack)) === 0, { what: 'the watch', ...limits }),
  );
  const asked = watched - left;
  const problems = asked * 2 < watched ? [] : [`${asked} of the watch were asked first`];
  const all = seconds(Date.now() - startedAt);
  await stack.stop();
  const head = [
    'payments watched',
    'doubts',
    'longest doubt',
    'watch asked by then',
    'all asked after',
  ];
  return {
    table: markdownTable(head, [[watched, DOUBTS, seconds(longest * 1000), asked, all]]),
    checks: [{ name: 'watch', problems }],
  };
}
