// The part "stall": a worker is frozen with the request prepared and unsent, another takes over, the first wakes up.
import { Oracle } from '../oracle/oracle.ts';
import { Caller } from '../payments.ts';
import { startStack } from '../stack/start-stacks.mjs';
import { markdownTable } from '../table.ts';
import { until } from '../waiting.ts';
import { isFrozen } from './frozen.mjs';

const FREEZES_WITHIN_MS = 30_000;
const TAKEN_OVER_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 60_000;
const ACTIVE_JOBS = 'quittance:submission-default:active';

async function untilTakenOver(stack, reference, { until: what }) {
  const { redis } = stack.servers;
  const oracle = new Oracle(stack.urls);
  const look =
    what === 'taken-over'
      ? async () => (await redis.command('LLEN', ACTIVE_JOBS)) === 0
      : async () => (await oracle.judge(reference)).status === 'in_doubt';
  await until(look, { what: `the payment was ${what}`, limitMs: TAKEN_OVER_WITHIN_MS });
}

async function playStall(stall, { stack, reference }) {
  const { urls, apiKey } = stack;
  const frozen = await stack.replace('worker', { QUITTANCE_STALL_AT: stall.stallsAt });
  const caller = new Caller({ apiUrl: urls.api, sandboxUrl: urls.sandbox, apiKey });
  await caller.accept(reference);
  await until(() => isFrozen(frozen.pid), {
    what: `${stall.stallsAt} was reached`,
    limitMs: FREEZES_WITHIN_MS,
  });
  const other = await stack.launchBeside('worker');
  try {
    await untilTakenOver(stack, reference, stall);
    process.kill(frozen.pid, 'SIGCONT');
    return await untilEnded(stall, { stack, reference });
  } finally {
    await other.process.stop();
  }
}

/** The expected end may be preceded by others that are true as well: so it is waited for by name. */
async function untilEnded({ ends, requests }, { stack, reference }) {
  const oracle = new Oracle(stack.urls);
  let verdict = await oracle.verdict(reference, ENDS_WITHIN_MS);
  const hasEnded = async () => (verdict = await oracle.judge(reference)).status === ends;
  await until(hasEnded, { what: ends, limitMs: ENDS_WITHIN_MS }).catch(() => {});
  const problems = [...verdict.problems];
  if (verdict.status !== ends) problems.push(`is ${verdict.status} instead of ${ends}`);
  if (verdict.requests !== requests)
    problems.push(`${verdict.requests} requests reached the gateway instead of ${requests}`);
  return { ...verdict, problems };
}

/** @type {import('../part.mjs').Part} */
export async function stallPart(context) {
  const { run, step, scale } = context;
  const stack = await startStack(context, { prefix: 'stall' });
  const played = await step('stall', async (say) => {
    const results = [];
    for (const [at, stall] of scale.stalls.entries()) {
      say(`${at + 1} of ${scale.stalls.length}: ${stall.stallsAt}, until ${stall.until}`);
      const reference = `stall-${run}-${at}`;
      const result = await playStall(stall, { stack, reference }).catch((error) => ({
        problems: [error.message],
      }));
      results.push({ stall, ...result });
    }
    return results;
  });
  await stack.stop();
  const rows = played.map(({ stall, requests, charges, status, problems }) => [
    `\`${stall.stallsAt}\``,
    stall.until === 'swept' ? 'the payment was put in doubt' : 'its job was taken over',
    requests,
    charges,
    status,
    problems.join('; ') || 'ok',
  ]);
  return {
    table: markdownTable(['frozen at', 'until', 'requests', 'charged', 'ends', 'result'], rows),
    checks: played.map(({ stall, problems }) => ({
      name: `${stall.stallsAt} until ${stall.until}`,
      problems,
    })),
  };
}
