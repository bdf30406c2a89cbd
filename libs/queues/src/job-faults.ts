// What a failed job means to BullMQ: wait and do not count it, never try again, or try again later.
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { describeError, Fault, Unavailable } from '@quittance/platform';

/** A dependency that is away is not the job's failure: it comes back after this, as often as it takes. */
const UNAVAILABLE_PAUSE_MS = 2000;

/** While a deploy goes on, a job of the new version may be handed to an old process; a new one takes it after this. */
const UNKNOWN_PAUSE_MS = 2000;
/** Longer than any deploy: what nobody knows by then is for a person to look at. */
const UNKNOWN_FOR_MS = 3_600_000;

/**
 * Translates what a handler threw and throws what BullMQ understands (architecture §5).
 * `unavailable`: the job waits, and the try does not count. Any other fault will not mend itself: the failed set, at
 * once. Any other error: another try after a pause, until the job's attempts are used up.
 * What is stored with the job is the description of the error, which leaves out rows, parameters and requests.
 */
export async function throwForBullMQ(error: unknown, job: Job, token: string): Promise<never> {
  // Already put where it belongs.
  if (error instanceof DelayedError || error instanceof UnrecoverableError) throw error;
  if (error instanceof Unavailable) {
    const pauseMs = (error.retryAfterSeconds ?? 0) * 1000 || UNAVAILABLE_PAUSE_MS;
    await job.moveToDelayed(Date.now() + pauseMs, token);
    throw new DelayedError();
  }
  const { type, message, stack = '' } = describeError(error);
  const told = `${type}: ${message}`;
  const translated = error instanceof Fault ? new UnrecoverableError(told) : new Error(told);
  translated.stack = `${told}\n${stack}`;
  throw translated;
}

/** Whether a job that this process has no handler for may be one of a process that is newer; not for ever, nor of tomorrow. */
export function mayBeNewer({ timestamp }: Job): boolean {
  return Math.abs(Date.now() - timestamp) < UNKNOWN_FOR_MS;
}

/**
 * Puts a job back that this process has no handler for. In the failed set its id would keep the payment's step from being
 * enqueued again.
 */
export async function leaveToOthers(job: Job, token: string): Promise<never> {
  await job.moveToDelayed(Date.now() + UNKNOWN_PAUSE_MS, token);
  throw new DelayedError();
}
