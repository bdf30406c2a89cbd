// The part "clocks": hosts that are hours apart, and a clock that is set while its process runs.
// Postgres's time decides, so nothing may differ from hosts that agree.
import { setTimeout as pause } from 'node:timers/promises';
import { countByStatus, Load } from '../load.js';
import { resultOf, startStack, discardStack, type Context, type PartResult } from '../part.js';
import type { Environment } from '../stack/chaos-stack.js';

/**
 * Runs before a process under test: its wall clock is off by CLOCK_SHIFT_MS, and jumps as far again
 * with each SIGUSR2. The monotonic clock and the timers are right, as on a host whose time was set.
 */
const SHIFTED_CLOCK = `
const RealDate = Date;
const step = Number(process.env.CLOCK_SHIFT_MS);
let shift = step;
process.on('SIGUSR2', () => (shift += step));
globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...args);
  }
  static now() {
    return RealDate.now() + shift;
  }
};`;

const HOURS_MS = 2 * 3_600_000;
const RUN_MS = 3_000;
const CONVERGES_WITHIN_MS = 60_000;
const CLOCKS = [
  { app: 'api', shiftMs: -HOURS_MS, direction: 'behind' },
  { app: 'worker', shiftMs: HOURS_MS, direction: 'ahead of' },
  { app: 'webhook', shiftMs: HOURS_MS, direction: 'ahead of' },
] as const;

/** Effects of another host's clock; $1 is the beginning of the references. */
const FAULTS = [
  {
    what: 'ended unsent',
    sql: `SELECT count(*)::int AS count FROM payment_intents
      WHERE reference LIKE $1 AND failure_code = 'never_sent'`,
  },
  {
    what: 'inquired about early',
    sql: `SELECT COALESCE(sum(inquiries), 0)::int AS count FROM payment_intents
      WHERE reference LIKE $1`,
  },
  {
    what: 'stamped by another clock',
    sql: `SELECT count(*)::int AS count
      FROM payment_events e JOIN payment_intents p ON p.id = e.payment_id
      WHERE p.reference LIKE $1 AND abs(extract(epoch FROM now() - e.created_at)) > 1800`,
  },
];

const shifted = (shiftMs: number): Environment => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(SHIFTED_CLOCK)}`,
  CLOCK_SHIFT_MS: String(shiftMs),
});

async function reportedOffset(url: string): Promise<string> {
  const response = await fetch(`${url}/readyz`);
  const { checks } = (await response.json()) as { checks: { clock: { detail?: string } } };
  return checks.clock.detail ?? '';
}

export async function clocksPart(context: Context): Promise<PartResult> {
  const { run, step } = context;
  const stack = await startStack(context, { prefix: 'clocks' });
  const prefix = `clocks-${run}`;
  const problems: string[] = [];
  const load = await step('clocks', async (say) => {
    say('api 2 h slow, worker and webhook 2 h fast, another worker right');
    await Promise.all(CLOCKS.map(({ app, shiftMs }) => stack.replace(app, shifted(shiftMs))));
    const beside = await stack.launchBeside('worker');
    const started = new Load(stack, { prefix, callers: 6 }).start();
    await pause(RUN_MS);
    say('each jumps by 2 h more');
    for (const { app } of CLOCKS) process.kill(stack.process(app).pid, 'SIGUSR2');
    await pause(RUN_MS);
    await started.stop();
    for (const { app, direction } of CLOCKS) {
      const offset = await reportedOffset(stack.urls[app]);
      if (!offset.includes(`s ${direction} Postgres`)) problems.push(`${app} reports "${offset}"`);
    }
    await beside.process.stop();
    return started;
  });
  const judged = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  problems.push(...judged.problems);
  for (const { what, sql } of FAULTS) {
    const { count } = await stack.row<{ count: number }>(sql, [`${prefix}-%`]);
    if (count > 0) problems.push(`${count} were ${what}`);
  }
  await discardStack(context, stack);
  const name = 'api 2 h slow, worker and webhook 2 h fast, then as much again';
  const cells = [judged.verdicts.length, load.answers(), countByStatus(judged.verdicts)];
  return resultOf(['clocks', 'payments', 'first answers', 'ended'], [{ name, cells, problems }]);
}
