// Classifies the error replies of a Redis that is up but refuses a command. The first word of an
// error reply is its code. A script passes on the code of the command that failed in it.
import { errorCodeOf, NotReady, DeadlineExceeded } from '@quittance/platform';

interface Refusal {
  /** For `/readyz` and the log. */
  readonly reason: string;
  /**
   * True when another server behind the same address may accept the command. After a failover the
   * old connection leads to a replica, and only a new connection leads to the primary.
   */
  readonly mayBeElsewhere: boolean;
}

const elsewhere = (reason: string): Refusal => ({ reason, mayBeElsewhere: true });
const here = (reason: string): Refusal => ({ reason, mayBeElsewhere: false });

const REFUSALS: Readonly<Record<string, Refusal>> = {
  READONLY: elsewhere('read-only: it is a replica'),
  // Ends a blocked command when the primary becomes a replica.
  UNBLOCKED: elsewhere('read-only: it has become a replica'),
  MASTERDOWN: elsewhere('a replica that has lost its primary'),
  NOREPLICAS: elsewhere('too few replicas to write'),
  LOADING: elsewhere('loading its data'),
  CLUSTERDOWN: elsewhere('its cluster is down'),
  // Keys of one command are on two primaries while their slot moves.
  TRYAGAIN: elsewhere('a slot of its cluster moves'),
  NOAUTH: elsewhere('not authenticated'),
  WRONGPASS: elsewhere('wrong user or password'),
  NOPERM: here('no permission to write'),
  OOM: here('out of memory'),
  MISCONF: here('cannot write to its disk'),
  BUSY: here('busy with a script'),
};

/**
 * Older servers put other words before the code of the command that failed in a script, and ioredis
 * before that of the last of several tries in a Cluster.
 */
const CODE = new RegExp(`(?:^|-|ReplyError: )(${Object.keys(REFUSALS).join('|')})\\b`);

/** Returns the refusal in an error, or `undefined` for every other error. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  return REFUSALS[CODE.exec(error.message)?.[1] ?? ''];
}

/** ioredis has no error classes for these. */
const NO_ANSWER = 'Command timed out';
const NOT_CONNECTED =
  /Stream isn't writeable|Connection is closed|Cluster isn't ready|startup nodes|slots cache|max retries per request|aborted due to connection/;

/**
 * Returns the readiness error for a failed command, with the reason. `limitMs` is the timeout of
 * the command.
 */
export function notReady(error: unknown, limitMs: number): Error {
  const refusal = refusalOf(error);
  if (refusal) return new NotReady(refusal.reason, { cause: error });
  if (!(error instanceof Error) || errorCodeOf(error) !== undefined)
    return error instanceof Error ? error : new NotReady('failed');
  if (error instanceof DeadlineExceeded || error.message === NO_ANSWER)
    return new NotReady(`no answer in ${limitMs / 1000} s`, { cause: error });
  if (NOT_CONNECTED.test(error.message)) return new NotReady('not connected', { cause: error });
  return error;
}
