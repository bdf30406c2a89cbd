// What a failed job means to BullMQ: wait and do not count it, never try again, or try again later.
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { describeError, Fault, Unavailable } from '@quittance/platform';

/** A dependency that is away is not the job's failure: it comes back after this, as often as it takes. */
const UNAVAILABLE_PAUSE_MS = 2000;

/**
 * Translates what a handler threw and throws what BullMQ understands (architecture §5).
 * `unavailable`: the job waits, and the try does not count. Any other fault will not mend itself: the failed set, at
 * once. Any other error: another try after a pause, until the job's attempts are used up.
 * What is stored with the job is the description of the error, which leaves out rows, parameters and requests.
 */
export async function throwForBullMQ(error: unknown, job: Job, token: string): Promise<never> {
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
