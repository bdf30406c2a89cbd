// Checks of the Sentinels in `REDIS_URL`: whether a failover would succeed.
import type { SentinelState } from '@quittance/queues';
import { isSentinelUrl } from '@quittance/platform';
import type { ConfiguredQueues } from '../command/redis.js';
import { attention, bad, type Finding, good } from './finding.js';

const CHECK = 'Sentinels';
/** With fewer, the loss of one leaves no majority. */
const SENTINELS_MIN = 3;

/** Asks the Sentinels; resolves with nothing when `REDIS_URL` names none. */
export async function checkSentinels({ url }: ConfiguredQueues): Promise<Finding[]> {
  if (!url || !isSentinelUrl(url.reveal())) return [];
  const { readSentinels } = await import('@quittance/queues');
  return [sentinelFinding(await readSentinels(url.reveal()))];
}

/** Judges the answers of all Sentinels. */
export function sentinelFinding(states: readonly SentinelState[]): Finding {
  const faults = states.filter(({ problem }) => problem !== undefined);
  if (faults.length > 0) {
    const named = faults.map(({ sentinel, problem }) => `${sentinel}: ${problem}`).join(', ');
    return bad(CHECK, named, 'Bring it back, and check its name, user and password in REDIS_URL.');
  }
  const primaries = [...new Set(states.map(({ primary }) => primary))];
  if (primaries.length > 1) {
    const advice = 'If this lasts longer than a failover, they watch different servers.';
    return bad(CHECK, `they name ${primaries.join(' and ')}`, advice);
  }
  const replicas = Math.min(...states.map((state) => state.replicas));
  const finding = `${states.length} name ${primaries[0]}, which has ${replicas} replicas`;
  if (replicas === 0) return bad(CHECK, finding, 'Add a replica: none could take over.');
  if (states.length >= SENTINELS_MIN) return good(CHECK, finding);
  const advice = `Name at least ${SENTINELS_MIN} in REDIS_URL, so that one may be lost.`;
  return attention(CHECK, finding, advice);
}

/** Judges `INFO` of the primary. A server without the field has no such setting. */
export function isolationFinding(info: ReadonlyMap<string, string>): Finding {
  const check = 'Redis isolation';
  if (info.has('min_slaves_good_slaves')) return good(check, 'min-replicas-to-write is set');
  const advice =
    'Set min-replicas-to-write to 1 on all servers: a primary that is cut off would accept jobs that its successor does not get.';
  return attention(check, 'min-replicas-to-write is not set', advice);
}
