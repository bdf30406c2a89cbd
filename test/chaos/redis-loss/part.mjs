// The part "redis": Redis is emptied, frozen and killed under load. Intake must not notice, and nothing may be missing after.
import { setTimeout as pause } from 'node:timers/promises';
import { countByStatus, Load } from '../load/load.mjs';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.ts';

const BEFORE_MS = 1_500;
const AFTER_MS = 2_000;
const CONVERGES_WITHIN_MS = 150_000;

async function playLoss(loss, { stack, random, prefix, outageMs }) {
  const load = new Load(stack, { prefix, callers: 4 }).start();
  await pause(BEFORE_MS);
  await loss.happen(stack.servers.redis, { outageMs, random });
  await pause(AFTER_MS);
  await load.stop();
  const endedAt = Date.now();
  const { verdicts, problems } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  const unaccepted = [...load.firstAnswers].filter(([answer]) => answer !== 'accepted');
  if (unaccepted.length > 0) problems.push(`intake did not accept at once: ${load.answers()}`);
  return {
    name: loss.name,
    problems,
    row: [verdicts.length, load.answers(), countByStatus(verdicts), Date.now() - endedAt],
  };
}

/** @type {import('../part.mjs').Part} */
export async function redisPart(context) {
  const { random, run, step, scale } = context;
  const stack = await startStack(context, { prefix: 'redis' });
  const results = [];
  for (const [at, loss] of scale.losses.entries()) {
    results.push(
      await step('Redis', (say) => {
        say(loss.name);
        const prefix = `redis-${run}-${at}`;
        return playLoss(loss, { stack, random, prefix, outageMs: scale.outageMs });
      }),
    );
  }
  await stack.stop();
  const rows = results.map(({ name, row, problems }) => {
    const [payments, answers, ended, ms] = row;
    const result = problems.join('; ') || 'ok';
    return [name, payments, answers, ended, `${(ms / 1000).toFixed(1)} s`, result];
  });
  const head = ['Redis is', 'payments', 'first answers', 'ended', 'all well after', 'result'];
  const table = markdownTable(head, rows);
  const checks = results.map(({ name, problems }) => ({ name, problems }));
  return { table, checks };
}
