// The part "failover": the primary of Redis is lost under load, and Sentinels make its replica the
// primary. Replication is asynchronous, so the new primary lacks the last jobs, and has some again
// that were done. Intake must not notice, and nothing may be missing or doubled afterwards.
import { setTimeout as pause } from 'node:timers/promises';
import { SentinelGroup } from '../../support/sentinels.js';
import { countByStatus, Load } from '../load.js';
import {
  inSeconds,
  resultOf,
  startStack,
  stopStack,
  type Context,
  type PartResult,
  type Row,
} from '../part.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import { until } from '../waiting.js';

const BEFORE_MS = 1_500;
const BEHIND_MS = 2_000;
const AFTER_MS = 3_000;
const FAILS_OVER_WITHIN_MS = 60_000;
const CONVERGES_WITHIN_MS = 150_000;
const ANSWERS = new Set(['accepted']);
const CONSUMERS = ['worker', 'orders'] as const;

/** A way to lose the primary; resolves with its port, and what brings it back. */
interface Loss {
  readonly name: string;
  readonly isShort?: boolean;
  readonly lose: (
    group: SentinelGroup,
    stack: ChaosStack,
  ) => Promise<{ port: number; bringBack: () => Promise<void> | void }>;
}

const killed = async (group: SentinelGroup) => {
  const { port, startAgain } = await group.killPrimary();
  return { port, bringBack: startAgain };
};

/** Nothing consumes meanwhile, so that the replica lacks what is in no other place. */
async function killedAheadOfReplica(group: SentinelGroup, stack: ChaosStack) {
  const join = await group.cutReplica();
  const signalAll = (signal: NodeJS.Signals) => {
    for (const app of CONSUMERS) process.kill(stack.process(app).pid, signal);
  };
  signalAll('SIGSTOP');
  await pause(BEHIND_MS);
  const { port, startAgain } = await group.killPrimary();
  signalAll('SIGCONT');
  const bringBack = async () => {
    await join();
    await startAgain();
  };
  return { port, bringBack };
}

const LOSSES: readonly Loss[] = [
  { name: 'killed, its replica 2 s behind', isShort: true, lose: killedAheadOfReplica },
  { name: 'killed', lose: killed },
  {
    name: 'frozen',
    lose: async (group) => {
      const { port, thaw } = await group.freezePrimary();
      return { port, bringBack: thaw };
    },
  },
];

async function playLoss(
  { name, lose }: Loss,
  { stack, group, prefix }: { stack: ChaosStack; group: SentinelGroup; prefix: string },
): Promise<Row> {
  const load = new Load(stack, { prefix, callers: 4 }).start();
  await pause(BEFORE_MS);
  const lostAt = Date.now();
  const { port, bringBack } = await lose(group, stack);
  const hasSuccessor = async () => (await group.primaryPort()) !== port;
  await until(hasSuccessor, { what: 'a new primary', limitMs: FAILS_OVER_WITHIN_MS });
  const failover = inSeconds(Date.now() - lostAt);
  await pause(AFTER_MS);
  await bringBack();
  const isReplica = () => group.isReplica(port).catch(() => false);
  await until(isReplica, { what: 'the old primary follows', limitMs: FAILS_OVER_WITHIN_MS });
  await pause(AFTER_MS);
  await load.stop();
  const endedAt = Date.now();
  const { verdicts, problems } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  if (load.unexpectedAnswers(ANSWERS).length > 0)
    problems.push(`intake did not accept at once: ${load.answers()}`);
  const all = inSeconds(Date.now() - endedAt);
  const cells = [verdicts.length, load.answers(), failover, countByStatus(verdicts), all];
  return { name, problems, cells };
}

export async function redisFailoverPart(context: Context): Promise<PartResult> {
  const { run, session, scale, step } = context;
  const group = await SentinelGroup.start(session);
  const extra = { REDIS_URL: group.url };
  const stack = await startStack(context, { prefix: 'failover', extra });
  const rows: Row[] = [];
  for (const [at, loss] of LOSSES.entries()) {
    if (scale.isShort && !loss.isShort) continue;
    rows.push(
      await step('the primary of Redis', (say) => {
        say(loss.name);
        return playLoss(loss, { stack, group, prefix: `failover-${run}-${at}` });
      }),
    );
  }
  await stopStack(context, stack);
  await group.stop();
  const head = [
    'the primary of Redis is',
    'payments',
    'first answers',
    'successor after',
    'ended',
    'all ended after',
  ];
  return resultOf(head, rows);
}
