// The marks of the workers in Redis: which run of Redis, and which history of its data (the
// `master_replid` of Redis), had the queues when they were last filled. A Redis outside a Cluster
// has one mark; in a Cluster each queue has its own, in its slot, because primaries lose data
// alone.
import { ALL_QUEUES } from '@quittance/persistence';
import { isCluster, queuePrefix, type RedisConnections } from '@quittance/queues';

/** The Redis that answers for a queue, and the one that a worker has marked in it. */
export interface SeenRedis {
  readonly runId: string;
  readonly history: string | undefined;
  readonly markedRunId: string | null;
  /** Null until a worker of a version that marks it has looked. */
  readonly markedHistory: string | null;
}

/** In one step: in a Cluster the keys decide which primary answers. */
const LOOK = `return { redis.call('INFO', 'server'), redis.call('INFO', 'replication'),
  redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2]) }`;

/** Reads and sets the marks. `queue` is the name of one, or ALL_QUEUES outside a Cluster. */
export class QueueMarks {
  constructor(
    private readonly redis: RedisConnections,
    private readonly prefix: string,
  ) {}

  /** True when each queue has a mark. */
  get isPerQueue(): boolean {
    return isCluster(this.redis.producer);
  }

  async look(queue: string): Promise<SeenRedis> {
    const { mark, history: historyKey } = this.#keys(queue);
    const seen = await this.redis.producer.eval(LOOK, 2, mark, historyKey);
    const [server, replication, markedRunId, markedHistory] = seen as [string, string, ...Marks];
    const runId = /^run_id:(\w+)/m.exec(server)?.[1];
    if (runId === undefined) throw new Error('Redis does not report its run_id');
    const history = /^master_replid:(\w+)/m.exec(replication)?.[1];
    return { runId, history, markedRunId, markedHistory };
  }

  /** Marks the Redis that was seen. */
  async mark(queue: string, { runId, history }: SeenRedis): Promise<void> {
    await this.markHistory(queue, history);
    await this.redis.producer.set(this.#keys(queue).mark, runId);
  }

  async markHistory(queue: string, history: string | undefined): Promise<void> {
    if (history !== undefined) await this.redis.producer.set(this.#keys(queue).history, history);
  }

  #keys(queue: string) {
    if (queue === ALL_QUEUES)
      return { mark: `${this.prefix}-mark`, history: `${this.prefix}:history` };
    const own = queuePrefix(this.redis.producer, this.prefix, queue);
    return { mark: `${own}:mark`, history: `${own}:history` };
  }
}

type Marks = [string | null, string | null];

/** Returns true when no job can be missing: a worker has seen this Redis, with these data. */
export function isKnown(seen: SeenRedis, rememberedRunId: string | undefined): boolean {
  const { runId, history, markedRunId, markedHistory } = seen;
  if (rememberedRunId !== runId || markedRunId !== runId) return false;
  return markedHistory === null || history === undefined || markedHistory === history;
}
