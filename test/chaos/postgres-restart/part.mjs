// The part "postgres": Postgres is restarted under load, orderly and as by a crash, with callbacks arriving while it is away.
import { setTimeout as pause } from 'node:timers/promises';
import { countByStatus, Load } from '../load/load.mjs';
import { SandboxControl } from '../sandbox-control.ts';
import { startStack } from '../stack/start-stacks.mjs';
import { ChaosPostgres } from '../stack/servers.ts';
import { markdownTable } from '../table.ts';

const BEFORE_MS = 2_000;
const AWAY_MS = 3_000;
const AFTER_MS = 2_000;
const CONVERGES_WITHIN_MS = 150_000;
/** The acquirer settles while Postgres is away, or just before or after. */
const SETTLES_WITHIN_MS = 4_000;
/** 202 and 200 are promises; 503 and a broken connection promise nothing. Anything else would be neither. */
const HONEST = new Set(['accepted', '503', 'ECONNRESET', 'UND_ERR_SOCKET', 'TimeoutError']);

const RESTARTS = [
  { name: 'restarted', end: (postgres) => postgres.stop() },
  { name: 'crashed, then recovered', end: (postgres) => postgres.crash() },
];

function settlesLater(stack, random) {
  const sandbox = new SandboxControl(stack.urls.sandbox);
  return (reference) =>
    sandbox.acquirer({
      match: { reference },
      reply: '0',
      settle: { order_status: '1', after_ms: random.below(SETTLES_WITHIN_MS) },
      times: 1,
    });
}

async function keptCallbacks(stack) {
  const metrics = await (await fetch(`${stack.urls.webhook}/metrics`)).text();
  return Number(/^quittance_callbacks_total\{verdict="kept"\} (\d+)/m.exec(metrics)?.[1] ?? 0);
}

async function playRestart(restart, { stack, postgres, random, prefix }) {
  const keptBefore = await keptCallbacks(stack);
  const load = new Load(stack, { prefix, callers: 6, before: settlesLater(stack, random) }).start();
  await pause(BEFORE_MS);
  await restart.end(postgres);
  await pause(AWAY_MS);
  await postgres.startAgain();
  await pause(AFTER_MS);
  await load.stop();
  const { verdicts, problems } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  const dishonest = [...load.firstAnswers.keys()].filter((answer) => !HONEST.has(answer));
  if (dishonest.length > 0) problems.push(`callers were told ${dishonest.join(', ')}`);
  const kept = (await keptCallbacks(stack)) - keptBefore;
  if (kept === 0) problems.push('no callback had to be kept: the outage was not felt');
  const left = await stack.servers.redis.command('LLEN', 'quittance-callbacks-kept');
  if (left > 0) problems.push(`${left} kept callbacks were never applied`);
  const row = [verdicts.length, load.answers(), kept, countByStatus(verdicts)];
  return { name: restart.name, problems, row };
}

/**
 * On a Postgres of its own, durable as in production: with `synchronous_commit=off` this part finds what that loses.
 * @type {import('../part.mjs').Part}
 */
export async function postgresPart(context) {
  const { session, random, run, step } = context;
  const postgres = await ChaosPostgres.start(session, { isDurable: true });
  const stack = await startStack({ ...context, postgres }, { prefix: 'postgres' });
  const results = [];
  for (const [at, restart] of RESTARTS.entries()) {
    results.push(
      await step('Postgres', (say) => {
        say(restart.name);
        return playRestart(restart, { stack, postgres, random, prefix: `postgres-${run}-${at}` });
      }),
    );
  }
  await stack.stop();
  const head = ['Postgres is', 'payments', 'first answers', 'callbacks kept', 'ended', 'result'];
  const rows = results.map(({ name, row, problems }) => [
    name,
    ...row,
    problems.join('; ') || 'ok',
  ]);
  const checks = results.map(({ name, problems }) => ({ name, problems }));
  return { table: markdownTable(head, rows), checks };
}
