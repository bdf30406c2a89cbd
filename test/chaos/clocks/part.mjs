// The part "clocks": hosts that are hours apart, and one whose time is set while it runs. Postgres's time judges, so nothing may differ
// from hosts that agree.
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { countByStatus, Load } from '../load/load.mjs';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.ts';

const SHIM = pathToFileURL(join(import.meta.dirname, 'shifted-clock.mjs')).href;
const HOURS_MS = 2 * 3_600_000;
const RUN_MS = 3_000;
const CONVERGES_WITHIN_MS = 60_000;

/** A payment that another host's clock would have ended, or a question that came hours early. */
const WRONGS = [
  {
    what: 'ended unsent',
    sql: `SELECT count(*)::int AS count FROM payment_intents WHERE failure_code = 'never_sent'`,
  },
  {
    what: 'asked about early',
    sql: `SELECT COALESCE(sum(inquiries), 0)::int AS count FROM payment_intents`,
  },
  {
    what: 'stamped by another clock',
    sql: `SELECT count(*)::int AS count FROM payment_events WHERE abs(extract(epoch FROM now() - created_at)) > 1800`,
  },
];

const shifted = (ms) => ({ NODE_OPTIONS: `--import=${SHIM}`, CLOCK_SHIFT_MS: String(ms) });

async function noteOf(url) {
  const { checks } = await (await fetch(`${url}/readyz`)).json();
  return checks.clock.detail ?? '';
}

/** @type {import('../part.mjs').Part} */
export async function clocksPart(context) {
  const { run, step } = context;
  const stack = await startStack({ ...context, lent: undefined }, { prefix: 'clocks' });
  const problems = [];
  const load = await step('clocks', async (say) => {
    say('api 2 h slow, worker and webhook 2 h fast, another worker right');
    await stack.replace('api', shifted(-HOURS_MS));
    await stack.replace('worker', shifted(HOURS_MS));
    await stack.replace('webhook', shifted(HOURS_MS));
    const beside = await stack.launchBeside('worker');
    const started = new Load(stack, { prefix: `clocks-${run}`, callers: 6 }).start();
    await pause(RUN_MS);
    say('each jumps by 2 h more');
    for (const app of ['api', 'worker', 'webhook']) process.kill(stack.process(app).pid, 'SIGUSR2');
    await pause(RUN_MS);
    await started.stop();
    for (const [app, direction] of [
      ['api', 'behind'],
      ['worker', 'ahead of'],
      ['webhook', 'ahead of'],
    ]) {
      const note = await noteOf(stack.urls[app]);
      if (!note.includes(`s ${direction} Postgres`)) problems.push(`${app} says "${note}"`);
    }
    await beside.process.stop();
    return started;
  });
  const { verdicts, problems: found } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  problems.push(...found);
  for (const { what, sql } of WRONGS) {
    const [{ count }] = await stack.query(sql);
    if (count > 0) problems.push(`${count} were ${what}`);
  }
  await stack.stop();
  const head = ['clocks', 'payments', 'first answers', 'ended', 'result'];
  const row = [
    'api 2 h slow, worker and webhook 2 h fast, then as much again',
    verdicts.length,
    load.answers(),
    countByStatus(verdicts),
    problems.join('; ') || 'ok',
  ];
  return { table: markdownTable(head, [row]), checks: [{ name: 'clocks', problems }] };
}
