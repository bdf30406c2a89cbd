// The part "rebuild": how long it takes until the queues of very many open payments are full again
// after Redis lost them. Their terminal is paused, so that the rebuild is measured and not the
// gateway: each payment gets its job again, and the job finds the pause.
import {
  inSeconds,
  resultOf,
  startStack,
  stopStack,
  type Context,
  type PartResult,
} from '../part.js';
import { Caller } from '../payments.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { until } from '../waiting.js';

const REBUILT_WITHIN_MS = 900_000;
const LOOK_EVERY_MS = 250;

const TERMINAL = `SELECT id FROM terminals WHERE name = 'plain'`;
const PAUSE = `UPDATE terminals SET paused_at = now(), paused_reason = 'rebuild measured'
  WHERE id = $1`;
/**
 * As intake would have written them, each like the one payment that is there. Payments and events
 * in one statement, because Postgres refuses one without the other.
 */
const FILL = `
WITH template AS MATERIALIZED (
  SELECT to_jsonb(p) AS payment, e.snapshot::jsonb AS snapshot
  FROM payment_intents p JOIN payment_events e ON e.payment_id = p.id AND e.sequence = 1
  WHERE p.terminal_id = $1 AND p.status = 'queued'),
filled AS (
  INSERT INTO payment_intents
  SELECT filled.*
  FROM template CROSS JOIN generate_series(1, $2::int) n CROSS JOIN LATERAL
    json_populate_record(NULL::payment_intents, (template.payment || jsonb_build_object(
      'id', 'pi_' || to_char(n, 'FM00000000000000000000000000'),
      'reference', 'OPEN-' || n))::json) filled
  RETURNING id, merchant_id, reference)
INSERT INTO payment_events
  (payment_id, sequence, merchant_id, status, cause, snapshot, created_at)
SELECT id, 1, merchant_id, 'queued', 'request',
  template.snapshot || jsonb_build_object('id', id, 'reference', reference), now()
FROM template CROSS JOIN filled`;
const REST = `UPDATE payment_intents SET next_step_at = now() + interval '1 hour'
  WHERE terminal_id = $1 AND status = 'queued'`;
const WITHOUT_JOB = `
SELECT count(*)::int AS count FROM payment_intents WHERE status = 'queued' AND terminal_id = $1
  AND NOT next_step_at
    BETWEEN $2::timestamptz + interval '50 s' AND $2::timestamptz + interval '50 min'`;
const IN_OUTBOX = 'SELECT count(*)::int AS count FROM outbox';

async function fill(
  stack: ChaosStack,
  { terminalId, open, run }: { terminalId: string; open: number; run: string },
): Promise<void> {
  await stack.query(PAUSE, [terminalId]);
  await Caller.of(stack).accept(`template-${run}`, { terminal: 'plain' });
  await stack.query(FILL, [terminalId, open]);
  await stack.query(REST, [terminalId]);
}

export async function queueRebuildPart(context: Context): Promise<PartResult> {
  const { step, scale, run } = context;
  const { open } = scale;
  const stack = await startStack(context, { prefix: 'rebuild' });
  const { id: terminalId } = await stack.row<{ id: string }>(TERMINAL);
  await step('payments', async (say) => {
    say(`${open} that wait`);
    await fill(stack, { terminalId, open, run });
  });
  const lostAt = new Date();
  const untilNone = async (what: string, sql: string, values: unknown[]) => {
    const isZero = async () => (await stack.row<{ count: number }>(sql, values)).count === 0;
    await until(isZero, { what, limitMs: REBUILT_WITHIN_MS, everyMs: LOOK_EVERY_MS });
    return inSeconds(Date.now() - lostAt.getTime());
  };
  const cells = await step('rebuild', async (say) => {
    await stack.servers.redis.command('FLUSHALL');
    const jobs = await untilNone('every job', WITHOUT_JOB, [terminalId, lostAt]);
    say(`every job again after ${jobs}`);
    return [jobs, await untilNone('every event', IN_OUTBOX, [])];
  });
  await stopStack(context, stack);
  const head = ['open payments', 'every job again after', 'every event published again after'];
  return resultOf(head, [{ name: String(open), cells, problems: [] }]);
}
