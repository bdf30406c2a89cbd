// How long it takes until the queues of very many open payments are back after Redis lost them. Their terminal is paused, so
// that what is measured is the rebuild and not the gateway: each payment gets its job again, which finds the pause.
import { Caller } from '../payments.ts';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.ts';
import { until } from '../waiting.ts';

const REBUILT_WITHIN_MS = 900_000;
const LOOK_EVERY_MS = 250;

const TERMINAL = `SELECT id FROM terminals WHERE name = 'plain'`;
const PAUSE = `UPDATE terminals SET paused_at = now(), paused_reason = 'rebuild measured' WHERE id = $1`;
/** As intake would have written them, each like the one payment there is, in two statements because the second refers to the first. */
const FILL = `
INSERT INTO payment_intents
SELECT filled.*
FROM payment_intents p CROSS JOIN generate_series(1, $2::int) n CROSS JOIN LATERAL
  json_populate_record(NULL::payment_intents, (to_jsonb(p) || jsonb_build_object(
    'id', 'pi_' || to_char(n, 'FM00000000000000000000000000'), 'reference', 'OPEN-' || n))::json) filled
WHERE p.terminal_id = $1 AND p.status = 'queued'`;
const FILL_EVENTS = `
WITH first AS MATERIALIZED (
  SELECT e.snapshot::jsonb AS snapshot FROM payment_events e JOIN payment_intents p ON p.id = e.payment_id
  WHERE p.terminal_id = $1 AND p.reference NOT LIKE 'OPEN-%' AND e.sequence = 1)
INSERT INTO payment_events (payment_id, sequence, merchant_id, status, cause, snapshot, created_at)
SELECT p.id, 1, p.merchant_id, 'queued', 'request',
  first.snapshot || jsonb_build_object('id', p.id, 'reference', p.reference), now()
FROM first CROSS JOIN payment_intents p WHERE p.terminal_id = $1 AND p.reference LIKE 'OPEN-%'`;
const REST = `UPDATE payment_intents SET next_step_at = now() + interval '1 hour' WHERE terminal_id = $1 AND status = 'queued'`;
const WITHOUT_JOB = `
SELECT count(*)::int AS count FROM payment_intents WHERE status = 'queued' AND terminal_id = $1
  AND NOT next_step_at BETWEEN $2::timestamptz + interval '50 s' AND $2::timestamptz + interval '50 min'`;
const IN_OUTBOX = 'SELECT count(*)::int AS count FROM outbox';

async function acceptOne({ urls, apiKey }, run) {
  const caller = new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, apiKey });
  await caller.accept(`template-${run}`, { terminal: 'plain' });
}

async function fill(stack, { terminalId, open, run }) {
  await stack.query(PAUSE, [terminalId]);
  await acceptOne(stack, run);
  await stack.query(FILL, [terminalId, open]);
  await stack.query(FILL_EVENTS, [terminalId]);
  await stack.query(REST, [terminalId]);
}

/** @type {import('../part.mjs').Part} */
export async function rebuildPart(context) {
  const { step, scale, run } = context;
  const { open } = scale;
  const stack = await startStack(context, { prefix: 'rebuild' });
  const [{ id: terminalId }] = await stack.query(TERMINAL);
  await step('payments', async (say) => {
    say(`${open} that wait`);
    await fill(stack, { terminalId, open, run });
  });
  const lostAt = new Date();
  const seconds = () => `${((Date.now() - lostAt.getTime()) / 1000).toFixed(1)} s`;
  const isZero = async (sql, values) => (await stack.query(sql, values))[0].count === 0;
  const limits = { limitMs: REBUILT_WITHIN_MS, everyMs: LOOK_EVERY_MS };
  const [jobs, events] = await step('rebuild', async (say) => {
    await stack.servers.redis.command('FLUSHALL');
    await until(() => isZero(WITHOUT_JOB, [terminalId, lostAt]), { what: 'every job', ...limits });
    const jobsAfter = seconds();
    say(`every job again after ${jobsAfter}`);
    await until(() => isZero(IN_OUTBOX, []), { what: 'every event', ...limits });
    return [jobsAfter, seconds()];
  });
  await stack.stop();
  const head = ['open payments', 'every job again after', 'every event published again after'];
  return {
    table: markdownTable(head, [[open, jobs, events]]),
    checks: [{ name: 'rebuild', problems: [] }],
  };
}
