// The three sentences of the ops API: is work starting, do payments end well, is this data fresh.
import { subscriberQueue } from '@quittance/events';
import { type Verdict, verdict } from '@quittance/operations';
import { DoubtList, loadWorkState, Terminals } from '@quittance/persistence';
import type { Pool } from 'pg';
import { type ConfiguredQueues, withRedis } from '../command/redis.js';
import type { Finding } from './finding.js';

/** The sources of the facts. */
export interface VerdictSources {
  readonly pool: Pool;
  readonly queues: ConfiguredQueues;
  readonly subscribers: readonly string[];
}

export async function checkWork({ pool, ...sources }: VerdictSources): Promise<Finding[]> {
  const startedAt = performance.now();
  const [work, doubts, queues] = await Promise.all([
    loadWorkState(pool),
    new DoubtList(pool).totals(),
    readQueues({ pool, ...sources }).catch(() => null),
  ]);
  const readMs = performance.now() - startedAt;
  return findingsOf(verdict({ work, doubts, queues, now: new Date(), read_ms: readMs }));
}

function findingsOf({ work, outcomes, data }: Verdict): Finding[] {
  return [['work', work] as const, ['outcomes', outcomes] as const, ['data', data] as const].map(
    ([check, { grade, sentence, reason, next_step: advice }]) => ({
      check,
      grade,
      finding: reason === '' ? sentence : `${sentence} ${reason}`,
      advice,
    }),
  );
}

async function readQueues({ pool, queues, subscribers }: VerdictSources) {
  const { jobQueueNames, QueueRegistry, readQueueState } = await import('@quittance/queues');
  const lanes = await Terminals.withoutKeys(pool).lanes();
  const names = [...jobQueueNames(lanes), ...subscribers.map(subscriberQueue)];
  return withRedis(queues, async ({ connection, prefix }) => {
    const registry = new QueueRegistry({ producer: connection }, prefix);
    try {
      return await Promise.all(names.map((name) => readQueueState(registry.get(name))));
    } finally {
      await registry.close();
    }
  });
}
