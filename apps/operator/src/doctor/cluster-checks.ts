// Checks of a Redis Cluster: whether it serves all slots, and could lose a primary.
import type { ConnectedRedis } from '../command/redis.js';
import { attention, bad, type Finding, good } from './finding.js';

const CHECK = 'Redis Cluster';
const SLOTS = 16_384;
/** With fewer, the loss of one leaves no majority to choose its successor. */
const PRIMARIES_MIN = 3;

/** A range of slots, its primary, and the replicas of that: host, port and more. */
type SlotRange = readonly [
  from: number,
  to: number,
  ...nodes: (readonly [string, number, ...unknown[]])[],
];

/** Asks one node; every node knows the others. */
export async function checkCluster(connection: ConnectedRedis['connection']): Promise<Finding> {
  const info = await connection.cluster('INFO');
  return clusterFinding(info, await connection.cluster('SLOTS'));
}

/** Judges the replies to `CLUSTER INFO` and `CLUSTER SLOTS`. */
export function clusterFinding(info: string, ranges: readonly SlotRange[]): Finding {
  const [, state = 'unknown'] = /^cluster_state:(\w+)/m.exec(info) ?? [];
  const served = Number(/^cluster_slots_ok:(\d+)/m.exec(info)?.[1] ?? 0);
  const replicas = new Map<string, number>();
  for (const [, , primary, ...others] of ranges)
    if (primary) replicas.set(`${primary[0]}:${primary[1]}`, others.length);
  const finding = `${state}, ${replicas.size} primaries with ${served} of ${SLOTS} slots`;
  if (state !== 'ok' || served < SLOTS)
    return bad(CHECK, finding, 'Bring its nodes back, or give their slots to others.');
  const alone = [...replicas].filter(([, count]) => count === 0).map(([primary]) => primary);
  if (alone.length > 0) {
    const advice = 'Add a replica to each: without one the queues of a lost primary stand still.';
    return attention(CHECK, `${finding}; no replica of ${alone.join(', ')}`, advice);
  }
  if (replicas.size >= PRIMARIES_MIN) return good(CHECK, `${finding}, each with a replica`);
  const advice = `Run at least ${PRIMARIES_MIN} primaries: fewer cannot choose a successor.`;
  return attention(CHECK, finding, advice);
}
