// Reads the knowledge of each Sentinel, for the operator's doctor.
import { errorCodeOf, parseSentinelUrl } from '@quittance/platform';
import { Redis } from 'ioredis';

/** The knowledge of one Sentinel, or the reason why it cannot be asked. */
export interface SentinelState {
  /** `host:port` of the Sentinel. */
  readonly sentinel: string;
  /** `host:port` of the primary; undefined when it knows none of this name or cannot be asked. */
  readonly primary: string | undefined;
  readonly replicas: number;
  /** The reason why it could not start a failover; undefined when it could. */
  readonly problem: string | undefined;
}

const CONNECT_LIMIT_MS = 2000;
const ANSWER_LIMIT_MS = 1000;

/** Asks all Sentinels of a `redis+sentinel://` URL. Never rejects for a valid one. */
export function readSentinels(url: string): Promise<readonly SentinelState[]> {
  const { sentinels, name, isTls, sentinelUsername, sentinelPassword } = parseSentinelUrl(url);
  return Promise.all(
    sentinels.map(async ({ host, port }) => {
      const redis = new Redis({
        host,
        port,
        ...(sentinelUsername !== undefined && { username: sentinelUsername }),
        ...(sentinelPassword !== undefined && { password: sentinelPassword }),
        ...(isTls && { tls: {} }),
        enableReadyCheck: false,
        connectTimeout: CONNECT_LIMIT_MS,
        commandTimeout: CONNECT_LIMIT_MS + ANSWER_LIMIT_MS,
        retryStrategy: () => null,
      });
      // Commands fail for the end of the connection, without its cause.
      let cause: string | undefined;
      redis.on('error', (error: unknown) => (cause = errorCodeOf(error)));
      try {
        const state = await readState(redis, name);
        return { sentinel: `${host}:${port}`, ...state, ...causedBy(cause, state) };
      } finally {
        redis.disconnect();
      }
    }),
  );
}

type Answer = Omit<SentinelState, 'sentinel'>;

const NO_ANSWER = 'does not answer';

function causedBy(cause: string | undefined, { problem }: Answer): Partial<Answer> {
  return problem === NO_ANSWER && cause !== undefined ? { problem: `${problem} (${cause})` } : {};
}

async function readState(redis: Redis, name: string): Promise<Answer> {
  try {
    const fields = (await redis.call('SENTINEL', 'MASTER', name)) as string[];
    const field = (of: string) => fields[fields.indexOf(of) + 1];
    const known = {
      primary: `${field('ip')}:${field('port')}`,
      replicas: Number(field('num-slaves')),
    };
    const quorum = redis.call('SENTINEL', 'CKQUORUM', name);
    const problem = await quorum.then(() => undefined, reasonOf);
    return { ...known, problem };
  } catch (error) {
    return { primary: undefined, replicas: 0, problem: reasonOf(error) };
  }
}

/** The code of an error reply, such as `NOQUORUM`. */
function reasonOf(error: unknown): string {
  const { message } = error as Error;
  if (message.includes('No such master')) return 'knows no primary of this name';
  return /^[A-Z]{4,}\b/.exec(message)?.[0] ?? NO_ANSWER;
}
