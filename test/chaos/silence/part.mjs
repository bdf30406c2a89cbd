// The part "silence": Postgres is there and does not answer, or does not write, and no error says so.
import { setTimeout as pause } from 'node:timers/promises';
import { Front } from '../front.mjs';
import { countByStatus, Load } from '../load/load.mjs';
import { SandboxControl } from '../sandbox-control.mjs';
import { ChaosPostgres } from '../stack/servers.mjs';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.mjs';
import { until } from '../waiting.mjs';
import { DATABASE_SETTINGS } from './silences.mjs';

const BEFORE_MS = 2_000;
const AFTER_MS = 3_000;
/** The deadlines of docs/reliability.md added up, and a slow machine. */
const ANSWERED_WITHIN_MS = 16_000;
const READY_WITHIN_MS = 20_000;
/** The acquirer settles before, in or after the silence. */
const SETTLES_WITHIN_MS = 4_000;
const CONVERGES_WITHIN_MS = 60_000;
const HONEST = new Set(['accepted', '503']);

/** Every app reaches Postgres over a front of its own. */
async function leadOverFronts(stack, postgres) {
  const { port } = new URL(postgres.databaseUrl('postgres'));
  const fronts = {};
  for (const [app, setting] of Object.entries(DATABASE_SETTINGS)) {
    fronts[app] = await Front.start([{ port: Number(port) }]);
    const url = new URL(
      setting === 'DATABASE_URL' ? stack.setup.databaseUrl : stack.setup.ordersDatabaseUrl,
    );
    url.port = String(fronts[app].port);
    await stack.replace(app, { [setting]: url.href });
  }
  return fronts;
}

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

async function untilAllReady({ urls }) {
  const startedAt = performance.now();
  for (const app of Object.keys(DATABASE_SETTINGS)) {
    const isReady = async () => (await fetch(`${urls[app]}/readyz`)).ok;
    await until(isReady, { what: `${app} is ready again`, limitMs: READY_WITHIN_MS });
  }
  return performance.now() - startedAt;
}

async function playSilence(silence, { stack, fronts, postgres, random, prefix }) {
  const before = settlesLater(stack, random);
  const options = { prefix, callers: 6, answerLimitMs: ANSWERED_WITHIN_MS, before };
  const load = new Load(stack, options).start();
  await pause(BEFORE_MS);
  await silence.begin({ fronts, postgres });
  await pause(silence.lastsMs);
  await silence.end?.({ postgres });
  const problems = [];
  const readyMs = await untilAllReady(stack).catch((error) => void problems.push(error.message));
  await pause(AFTER_MS);
  await load.stop();
  const judged = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  problems.push(...judged.problems);
  const dishonest = [...load.firstAnswers.keys()].filter((answer) => !HONEST.has(answer));
  if (dishonest.length > 0) problems.push(`callers were told ${dishonest.join(', ')}`);
  const row = [
    judged.verdicts.length,
    load.answers(),
    seconds(load.longestAnswerMs),
    readyMs === undefined ? 'never' : seconds(readyMs),
    countByStatus(judged.verdicts),
  ];
  return { name: silence.name, problems, row };
}

const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;

/**
 * On a Postgres of its own, which is frozen and set to read only.
 * @type {import('../part.mjs').Part}
 */
export async function silencePart(context) {
  const { session, random, run, step, scale } = context;
  const postgres = await ChaosPostgres.start(session, { isDurable: scale.isDurable });
  const stack = await startStack({ ...context, postgres, lent: undefined }, { prefix: 'silence' });
  const fronts = await leadOverFronts(stack, postgres);
  const results = [];
  for (const [at, silence] of scale.silences.entries()) {
    results.push(
      await step('silence', (say) => {
        say(silence.name);
        const prefix = `silence-${run}-${at}`;
        return playSilence(silence, { stack, fronts, postgres, random, prefix });
      }),
    );
  }
  await stack.stop();
  await Promise.all(Object.values(fronts).map((front) => front.close()));
  const head = [
    'Postgres is',
    'payments',
    'first answers',
    'slowest answer',
    'all ready after',
    'ended',
    'result',
  ];
  const rows = results.map(({ name, row, problems }) => [
    name,
    ...row,
    problems.join('; ') || 'ok',
  ]);
  const checks = results.map(({ name, problems }) => ({ name, problems }));
  return { table: markdownTable(head, rows), checks };
}
