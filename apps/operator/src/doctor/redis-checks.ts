// Checks of Redis: the settings on which queues depend.
import { isSentinelUrl } from '@quittance/platform';
import { type ConfiguredQueues, type ConnectedRedis, withRedis } from '../command/redis.js';
import { clockFinding } from './clock.js';
import { checkCluster } from './cluster-checks.js';
import { attention, bad, type Finding, good } from './finding.js';
import { isolationFinding } from './sentinel-checks.js';

/** The first version with the commands that BullMQ needs. */
const VERSION_MIN = [6, 2] as const;
const MEMORY_SHARE_MAX = 0.8;

/** Checks the server, or the Cluster and each of its primaries. */
export function checkRedis(queues: ConfiguredQueues): Promise<Finding[]> {
  return withRedis(queues, async ({ connection }) => {
    const { isCluster, primariesOf } = await import('@quittance/queues');
    const hasSuccessors = queues.url !== undefined && isSentinelUrl(queues.url.reveal());
    if (!isCluster(connection)) return checkServer(connection, hasSuccessors);
    const findings = [await checkCluster(connection)];
    for (const primary of primariesOf(connection)) {
      const { host, port } = primary.options;
      for (const { check, ...found } of await checkServer(primary, false))
        findings.push({ check: `${check} at ${host}:${port}`, ...found });
    }
    return findings;
  });
}

async function checkServer(
  connection: ConnectedRedis['connection'],
  hasSuccessors: boolean,
): Promise<Finding[]> {
  const info = fieldsOf(await connection.info());
  const askedAt = Date.now();
  const [seconds, micros] = await connection.time();
  const serverMs = Number(seconds) * 1000 + Number(micros) / 1000;
  return [
    versionFinding(info),
    policyFinding(info),
    persistenceFinding(info),
    memoryFinding(info),
    ...(hasSuccessors ? [isolationFinding(info)] : []),
    clockFinding('clock of Redis', serverMs, { askedAt, answeredAt: Date.now() }),
  ];
}

type Fields = ReadonlyMap<string, string>;

function fieldsOf(info: string): Fields {
  return new Map(
    Array.from(info.matchAll(/^([a-z0-9_]+):([^\r\n]*)/gm), ([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

function versionFinding(info: Fields): Finding {
  const check = 'Redis version';
  const name = info.get('server_name') ?? 'redis';
  const version = info.get(`${name}_version`) ?? info.get('redis_version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = VERSION_MIN;
  const isNew = major > majorMin || (major === majorMin && minor >= minorMin);
  if (name !== 'redis' || isNew) return good(check, `${name} ${version}`);
  return bad(check, `${version} is too old`, `Upgrade to ${VERSION_MIN.join('.')} or later.`);
}

function policyFinding(info: Fields): Finding {
  const check = 'Redis eviction';
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  if (policy === 'noeviction') return good(check, policy);
  const advice = 'Set maxmemory-policy to noeviction: others delete jobs and events.';
  return bad(check, policy, advice);
}

function persistenceFinding(info: Fields): Finding {
  const check = 'Redis persistence';
  if (info.get('aof_enabled') === '1') return good(check, 'append-only file');
  const advice =
    'Set appendonly to yes. Without it a restart empties the queues, which workers refill from Postgres.';
  return attention(check, 'no append-only file', advice);
}

function memoryFinding(info: Fields): Finding {
  const check = 'Redis memory';
  const [used, max] = ['used_memory', 'maxmemory'].map((name) => Number(info.get(name) ?? 0));
  const megabytes = `${Math.round((used ?? 0) / 1e6)} MB`;
  if (!max) {
    const advice = 'Set maxmemory, so that the system does not kill Redis when memory is short.';
    return attention(check, `${megabytes}, without a limit`, advice);
  }
  const finding = `${megabytes} of ${Math.round(max / 1e6)} MB`;
  if ((used ?? 0) / max < MEMORY_SHARE_MAX) return good(check, finding);
  const advice = 'Raise maxmemory, or find the queue that grows: Redis soon rejects jobs.';
  return attention(check, finding, advice);
}
