// How long it takes until the queues of very many open payments are back after Redis lost them. Their terminal is paused, so
// that what is measured is the rebuild and not the gateway: each payment gets its job again, which finds the pause.
import { Caller } from '../payments.mjs';
import { until } from '../waiting.mjs';

const REBUILT_WITHIN_MS = 900_000;
const LOOK_EVERY_MS = 250;

const TERMINAL = `SELECT id FROM terminals WHERE name = 'plain'`;
const PAUSE = `UPDATE terminals SET paused_at = now(), paused_reason = 'rebuild measured' WHERE id = $1`;
/** As intake would have written them, each like the one payment there is, in two statements because the second refers to the first. */
const FILL = `
INSERT INTO payment_intents
SELECT (json_populate_record(NULL::payment_intents, (to_jsonb(p) || jsonb_build_object(
  'id', 'pi_' || to_char(n, 'FM00000000000000000000000000'), 'reference', 'OPEN-' || n))::json)).*
FROM payment_intents p, generate_series(1, $2::int) n WHERE p.terminal_id = $1 AND p.status = 'queued'`;
const FILL_EVENTS = `
INSERT INTO payment_events (payment_id, sequence, merchant_id, status, cause, snapshot, created_at)
SELECT p.id, 1, p.merchant_id, 'queued', 'request', e.snapshot::jsonb || jsonb_build_object('id', p.id, 'reference', p.reference), now()
FROM payment_intents p, (
  SELECT e.snapshot FROM payment_events e JOIN payment_intents first ON first.id = e.payment_id
  WHERE first.terminal_id = $1 AND first.reference NOT LIKE 'OPEN-%' AND e.sequence = 1) e
WHERE p.terminal_id = $1 AND p.reference LIKE 'OPEN-%'`;
const REST = `UPDATE payment_intents SET next_step_at = now() + interval '1 hour' WHERE terminal_id = $1 AND status = 'queued'`;
const WITHOUT_JOB = `
SELECT count(*)::int AS count FROM payment_intents WHERE status = 'queued' AND terminal_id = $1
  AND NOT next_step_at BETWEEN $2::timestamptz + interval '50 s' AND $2::timestamptz + interval '50 min'`;
const IN_OUTBOX = 'SELECT count(*)::int AS count FROM outbox';

async function acceptOne({ urls, apiKey }, run) {
  const caller = new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, apiKey });
  await caller.accept(`template-${run}`, { terminal: 'plain' });
}

/**
 * Makes `scale.open` payments that wait, empties Redis, and measures until each has its job and its event again.
 * @param {import('../part.mjs').Context} context
 */
export async function measureRebuild(stack, { step, scale, run }) {
  const { open } = scale;
  return step('rebuild', async (say) => {
    const [{ id }] = await stack.query(TERMINAL);
    say(`${open} open payments`);
    await stack.query(PAUSE, [id]);
    await acceptOne(stack, run);
    await stack.query(FILL, [id, open]);
    await stack.query(FILL_EVENTS, [id]);
    await stack.query(REST, [id]);
    const lostAt = new Date();
    await stack.servers.redis.command('FLUSHALL');
    const seconds = () => ((Date.now() - lostAt.getTime()) / 1000).toFixed(1);
    const isZero = async (sql, values) => (await stack.query(sql, values))[0].count === 0;
    const limits = { limitMs: REBUILT_WITHIN_MS, everyMs: LOOK_EVERY_MS };
    await until(() => isZero(WITHOUT_JOB, [id, lostAt]), { what: 'every job', ...limits });
    const jobsAfter = seconds();
    await until(() => isZero(IN_OUTBOX, []), { what: 'every event', ...limits });
    const text = `${open} open payments: every job again after ${jobsAfter} s, every event published again after ${seconds()} s`;
    say(text);
    return { text, check: { name: 'rebuild', problems: [] } };
  });
}
