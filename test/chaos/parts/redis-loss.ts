// The part "redis": Redis is flushed, frozen and killed under load. Intake must not notice, and
// nothing may be missing afterwards.
import { setTimeout as pause } from 'node:timers/promises';
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
import type { Random } from '../random.js';
import type { ChaosStack } from '../stack/chaos-stack.js';
import type { ChaosRedis } from '../stack/servers.js';

const BEFORE_MS = 1_500;
const AFTER_MS = 2_000;
const CONVERGES_WITHIN_MS = 150_000;
const FLUSHES = 3;
const BETWEEN_FLUSHES_MS = 1_500;
const OUTAGE_MS = 30_000;
const SHORT_OUTAGE_MS = 4_000;
const ANSWERS = new Set(['accepted']);

/** A way to lose Redis. */
interface Loss {
  readonly name: string;
  readonly lose: (redis: ChaosRedis) => Promise<void>;
}

function lossesOf({ scale: { isShort }, random }: Pick<Context, 'scale' | 'random'>): Loss[] {
  const outageMs = isShort ? SHORT_OUTAGE_MS : OUTAGE_MS;
  const flushed = { name: 'flushed, three times', lose: flushing(random) };
  const frozen = {
    name: `frozen for ${outageMs / 1_000} s`,
    lose: async (redis: ChaosRedis) => {
      redis.freeze();
      await pause(outageMs);
      redis.thaw();
    },
  };
  const killed = {
    name: `killed, back empty after ${outageMs / 1_000} s`,
    lose: async (redis: ChaosRedis) => {
      await redis.kill();
      await pause(outageMs);
      await redis.startAgain();
    },
  };
  return isShort ? [flushed, killed] : [flushed, frozen, killed];
}

const flushing = (random: Random) => async (redis: ChaosRedis) => {
  for (let count = 0; count < FLUSHES; count += 1) {
    await pause(random.below(BETWEEN_FLUSHES_MS));
    await redis.command('FLUSHALL');
  }
};

async function playLoss({ name, lose }: Loss, stack: ChaosStack, prefix: string): Promise<Row> {
  const load = new Load(stack, { prefix, callers: 4 }).start();
  await pause(BEFORE_MS);
  await lose(stack.servers.redis);
  await pause(AFTER_MS);
  await load.stop();
  const endedAt = Date.now();
  const { verdicts, problems } = await load.judge(CONVERGES_WITHIN_MS, 'succeeded');
  if (load.unexpectedAnswers(ANSWERS).length > 0)
    problems.push(`intake did not accept at once: ${load.answers()}`);
  const all = inSeconds(Date.now() - endedAt);
  return { name, problems, cells: [verdicts.length, load.answers(), countByStatus(verdicts), all] };
}

export async function redisLossPart(context: Context): Promise<PartResult> {
  const { run, step } = context;
  const stack = await startStack(context, { prefix: 'redis' });
  const rows: Row[] = [];
  for (const [at, loss] of lossesOf(context).entries()) {
    rows.push(
      await step('Redis', (say) => {
        say(loss.name);
        return playLoss(loss, stack, `redis-${run}-${at}`);
      }),
    );
  }
  await stopStack(context, stack);
  return resultOf(['Redis is', 'payments', 'first answers', 'ended', 'all ended after'], rows);
}
