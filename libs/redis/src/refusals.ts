// What Redis says when it is there and does not do what it is asked. The first word of an error
// reply is its code; a script passes on the code of the command that failed in it.
import { errorCodeOf, NotReady, TookTooLong } from '@quittance/platform';

interface Refusal {
  /** For `/readyz` and the log. */
  readonly reason: string;
  /**
   * Whether another server behind the same address may take the command: after a failover the old
   * connection leads to what is a replica by now, and nothing but a new connection leads anywhere
   * else.
   */
  readonly mayBeElsewhere: boolean;
}

const elsewhere = (reason: string): Refusal => ({ reason, mayBeElsewhere: true });
const here = (reason: string): Refusal => ({ reason, mayBeElsewhere: false });

const REFUSALS: Readonly<Record<string, Refusal>> = {
  READONLY: elsewhere('read-only: it is a replica'),
  // A blocked command's end when the primary becomes a replica.
  UNBLOCKED: elsewhere('read-only: it has become a replica'),
  MASTERDOWN: elsewhere('a replica that has lost its primary'),
  NOREPLICAS: elsewhere('too few replicas to write'),
  LOADING: elsewhere('loading its data'),
  CLUSTERDOWN: elsewhere('its cluster is down'),
  NOAUTH: elsewhere('not authenticated'),
  WRONGPASS: elsewhere('wrong user or password'),
  NOPERM: here('no permission to write'),
  OOM: here('out of memory'),
  MISCONF: here('cannot write to its disk'),
  BUSY: here('busy with a script'),
};

/** Older servers put their own words before the code of the command that failed in a script. */
const CODE = new RegExp(`(?:^|-)(${Object.keys(REFUSALS).join('|')})\\b`);

/** The refusal that an error is, or `undefined` for every other error. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  return REFUSALS[CODE.exec(error.message)?.[1] ?? ''];
}

/** For these ioredis has no classes. */
const NO_ANSWER = 'Command timed out';
const NOT_CONNECTED =
  /Stream isn't writeable|Connection is closed|max retries per request|aborted due to connection/;

/**
 * Why a command could not be carried out, as readiness tells it; `limitMs` is the time that the
 * command had.
 */
export function notReady(error: unknown, limitMs: number): Error {
  const refusal = refusalOf(error);
  if (refusal) return new NotReady(refusal.reason, { cause: error });
  if (!(error instanceof Error) || errorCodeOf(error) !== undefined)
    return error instanceof Error ? error : new NotReady('failed');
  if (error instanceof TookTooLong || error.message === NO_ANSWER)
    return new NotReady(`no answer in ${limitMs / 1000} s`, { cause: error });
  if (NOT_CONNECTED.test(error.message)) return new NotReady('not connected', { cause: error });
  return error;
}
