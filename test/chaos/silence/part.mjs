// The parts "silent-postgres" and "silent-redis": a server is there and does not answer, or does not write, and no connection is cut.
import { setTimeout as pause } from 'node:timers/promises';
import { Front } from '../front.mjs';
import { countByStatus, Load } from '../load/load.mjs';
import { SandboxControl } from '../sandbox-control.ts';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.ts';
import { until } from '../waiting.ts';
import { POSTGRES } from './postgres.mjs';
import { REDIS } from './redis.mjs';

const BEFORE_MS = 2_000;
const AFTER_MS = 3_000;
/** The deadlines of docs/reliability.md added up, and a slow machine. */
const ANSWERED_WITHIN_MS = 16_000;
const NOTICED_WITHIN_MS = 12_000;
const READY_WITHIN_MS = 20_000;
/** The acquirer settles before, in or after the silence. */
const SETTLES_WITHIN_MS = 4_000;
const CONVERGES_WITHIN_MS = 150_000;

/** Every app reaches the server over a front of its own. */
async function leadOverFronts(stack, { apps, urlOf }) {
  const fronts = {};
  for (const [app, setting] of Object.entries(apps)) {
    const url = new URL(urlOf(stack, setting));
    fronts[app] = await Front.start([{ port: Number(url.port) }]);
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

const readiness = async (url) => (await fetch(`${url}/readyz`)).json();

/** Resolves with the reasons once every app says that the server is down. */
async function untilNoticed({ urls }, { apps, name, title }) {
  const reasons = new Set();
  for (const app of Object.keys(apps)) {
    const reasonOf = async () => (await readiness(urls[app])).checks[name].reason;
    const what = `${app} says that ${title} is away`;
    reasons.add(await until(reasonOf, { what, limitMs: NOTICED_WITHIN_MS }));
  }
  return [...reasons].join(', ');
}

/** Resolves with how long it took until every app is ready, not merely degraded. */
async function untilAllReady({ urls }, { apps }) {
  const startedAt = performance.now();
  for (const app of Object.keys(apps)) {
    const isReady = async () => (await readiness(urls[app])).status === 'ready';
    await until(isReady, { what: `${app} is ready again`, limitMs: READY_WITHIN_MS });
  }
  return performance.now() - startedAt;
}

async function playSilence(silence, { stack, dependency, broken, random, prefix }) {
  const before = settlesLater(stack, random);
  const options = { prefix, callers: 6, answerLimitMs: ANSWERED_WITHIN_MS, before };
  const load = new Load(stack, options).start();
  const problems = [];
  const noted = (error) => void problems.push(error.message);
  await pause(BEFORE_MS);
  await silence.begin(broken);
  const noticed = silence.lastsMs > 0 && untilNoticed(stack, dependency).catch(noted);
  const [reasons] = await Promise.all([noticed, pause(silence.lastsMs)]);
  await silence.end?.(broken);
  const readyMs = await untilAllReady(stack, dependency).catch(noted);
  await pause(AFTER_MS);
  await load.stop();
  const judged = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  problems.push(...judged.problems);
  const dishonest = [...load.firstAnswers.keys()].filter(
    (answer) => !dependency.answers.has(answer),
  );
  if (dishonest.length > 0) problems.push(`callers were answered ${dishonest.join(', ')}`);
  const row = [
    judged.verdicts.length,
    load.answers(),
    seconds(load.longestAnswerMs),
    reasons || '',
    readyMs === undefined ? 'never' : seconds(readyMs),
    countByStatus(judged.verdicts),
  ];
  return { name: silence.name, problems, row };
}

const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`;

function tableOf(results, { title }) {
  const head = [
    `${title} is`,
    'payments',
    'first answers',
    'slowest answer',
    'reported as',
    'all ready after',
    'ended',
    'result',
  ];
  const rows = results.map(({ name, row, problems }) => [
    name,
    ...row,
    problems.join('; ') || 'ok',
  ]);
  return markdownTable(head, rows);
}

/**
 * On servers of its own, which are frozen and replaced.
 * @type {(dependency: import('./silences.mjs').Dependency) => import('../part.mjs').Part}
 */
const partAbout = (dependency) => async (context) => {
  const { run, random, step, scale } = context;
  const { name, title } = dependency;
  const { server, servers } = await dependency.start(context);
  const stack = await startStack(
    { ...context, ...servers, lent: undefined },
    { prefix: `silent_${name}` },
  );
  const fronts = await leadOverFronts(stack, dependency);
  const broken = { fronts, server: server ?? stack.servers[name] };
  const results = [];
  for (const [at, silence] of dependency.silences.entries()) {
    if (scale.isShort && !silence.isShort) continue;
    results.push(
      await step(title, (say) => {
        say(silence.name);
        const prefix = `silent-${name}-${run}-${at}`;
        return playSilence(silence, { stack, dependency, broken, random, prefix });
      }),
    );
  }
  await stack.stop();
  await Promise.all(Object.values(fronts).map((front) => front.close()));
  const checks = results.map(({ name: silence, problems }) => ({ name: silence, problems }));
  return { table: tableOf(results, dependency), checks };
};

export const silentPostgresPart = partAbout(POSTGRES);
export const silentRedisPart = partAbout(REDIS);
