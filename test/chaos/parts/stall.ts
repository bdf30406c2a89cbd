// The part "stall": a worker is frozen with its request prepared and unsent, another worker takes
// over, and the first one resumes.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Oracle, type Verdict } from '../oracle.js';
import { startStack, stopStack, type Context, type PartResult } from '../part.js';
import { Caller } from '../payments.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { markdownTable } from '../table.js';
import { until } from '../waiting.js';

const FREEZES_WITHIN_MS = 30_000;
const TAKEN_OVER_WITHIN_MS = 60_000;
const ENDS_WITHIN_MS = 60_000;
const ACTIVE_JOBS = 'quittance:submission-default:active';

/**
 * `until` is the end of the freeze: `taken-over`, past the job's lock, when another worker has the
 * job; `swept`, when the other one has put the payment in doubt. `ends` and `requests` are what
 * must have become of the payment.
 */
interface Stall {
  readonly stallsAt: string;
  readonly until: 'taken-over' | 'swept';
  readonly ends: string;
  readonly requests: number;
}

const STALLS: readonly Stall[] = [
  // Its time is over: it sends nothing and returns the payment to the queue, which is sent once.
  { stallsAt: 'submission.after-fence', until: 'taken-over', ends: 'succeeded', requests: 1 },
  { stallsAt: 'submission.before-last-check', until: 'taken-over', ends: 'succeeded', requests: 1 },
  // Its fence is lost and the card erased: nothing was sent, and no process can send any more.
  { stallsAt: 'submission.after-fence', until: 'swept', ends: 'failed', requests: 0 },
  { stallsAt: 'submission.before-last-check', until: 'swept', ends: 'failed', requests: 0 },
  // The remaining window, between the last check and the write: it sends late, as the only sender.
  { stallsAt: 'submission.before-first-byte', until: 'taken-over', ends: 'succeeded', requests: 1 },
  { stallsAt: 'submission.before-first-byte', until: 'swept', ends: 'succeeded', requests: 1 },
];
const SHORT_STALLS = STALLS.filter(
  (stall) => stall.stallsAt === 'submission.before-last-check' && stall.until === 'taken-over',
);

/** The kernel's state of a process; `T` is one that SIGSTOP has stopped. */
async function stateOf(pid: number): Promise<string | undefined> {
  // The name in brackets may hold anything; the state follows the last bracket.
  if (existsSync('/proc/self/stat'))
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0];
  const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]);
  return stdout.trim()[0];
}

async function untilTakenOver(stack: ChaosStack, reference: string, end: Stall['until']) {
  const { redis } = stack.servers;
  const oracle = new Oracle(stack.urls);
  const look =
    end === 'taken-over'
      ? async () => (await redis.command('LLEN', ACTIVE_JOBS)) === 0
      : async () => (await oracle.judge(reference)).status === 'in_doubt';
  await until(look, { what: `the payment was ${end}`, limitMs: TAKEN_OVER_WITHIN_MS });
}

/** The stall at the same point that lasts until the sweeper's verdict. */
const sweptLike = (stall: Stall): Stall =>
  STALLS.find(({ stallsAt, until: end }) => stallsAt === stall.stallsAt && end === 'swept') ??
  stall;

async function playStall(stall: Stall, stack: ChaosStack, reference: string): Promise<Verdict> {
  const frozen = await stack.replace('worker', { QUITTANCE_STALL_AT: stall.stallsAt });
  await Caller.of(stack).accept(reference);
  await until(async () => (await stateOf(frozen.pid)) === 'T', {
    what: `${stall.stallsAt} was reached`,
    limitMs: FREEZES_WITHIN_MS,
  });
  const other = await stack.launchBeside('worker');
  try {
    await untilTakenOver(stack, reference, stall.until);
    // On a slow machine the sweeper may have been faster than the other worker's start.
    const { status } = await new Oracle(stack.urls).judge(reference);
    process.kill(frozen.pid, 'SIGCONT');
    return await untilEnded(status === 'in_doubt' ? sweptLike(stall) : stall, stack, reference);
  } finally {
    await other.process.stop();
  }
}

/** Other statuses may precede the expected one without a problem, so it is waited for by name. */
async function untilEnded(
  { ends, requests }: Stall,
  stack: ChaosStack,
  reference: string,
): Promise<Verdict> {
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

export async function stallPart(context: Context): Promise<PartResult> {
  const { run, step, scale } = context;
  const stack = await startStack(context, { prefix: 'stall' });
  const stalls = scale.isShort ? SHORT_STALLS : STALLS;
  const played = await step('stall', async (say) => {
    const results: { stall: Stall; verdict: Verdict }[] = [];
    for (const [at, stall] of stalls.entries()) {
      say(`${at + 1} of ${stalls.length}: ${stall.stallsAt}, until ${stall.until}`);
      const reference = `stall-${run}-${at}`;
      const verdict = await playStall(stall, stack, reference).catch((error: Error) => ({
        reference,
        problems: [error.message],
      }));
      results.push({ stall, verdict });
    }
    return results;
  });
  // It would stall again at its next payment.
  await stack.replace('worker');
  await stopStack(context, stack);
  const rows = played.map(({ stall, verdict }) => [
    `\`${stall.stallsAt}\``,
    stall.until === 'swept' ? 'the payment was in doubt' : 'another worker had the job',
    verdict.requests,
    verdict.charges,
    verdict.status,
    verdict.problems.join('; ') || 'ok',
  ]);
  return {
    table: markdownTable(['frozen at', 'until', 'requests', 'charged', 'ends', 'result'], rows),
    checks: played.map(({ stall, verdict }) => ({
      name: `${stall.stallsAt} until ${stall.until}`,
      problems: verdict.problems,
    })),
  };
}
