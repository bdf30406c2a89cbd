// Decides what becomes of a job that was not done: a delay, a retry, or the failed set.
import { describeError, Fault, Unavailable } from '@quittance/platform';
import { DelayedError, type Job, UnrecoverableError } from 'bullmq';

/** The delay of a job whose dependency is unavailable. It does not count as an attempt. */
const UNAVAILABLE_PAUSE_MS = 2000;

/**
 * The delay of an unknown job. During a deploy an old process may get a job of the new version; a
 * new process takes it after this delay.
 */
const UNKNOWN_PAUSE_MS = 2000;
/** Longer than any deploy: an operator must look at a job that is still unknown after this time. */
const UNKNOWN_FOR_MS = 3_600_000;

/**
 * Translates a handler's error into one for BullMQ and throws it. {@link Unavailable}: the job is
 * delayed, and the attempt does not count. Any other {@link Fault}: a retry would not help, so the
 * job moves to the failed set at once. Any other error: a retry after a pause, until the job's
 * attempts are used up. The job stores a description of the error without rows, parameters and
 * requests.
 */
export async function throwForBullMQ(error: unknown, job: Job, token: string): Promise<never> {
  // BullMQ already has the job in its final place.
  if (error instanceof DelayedError || error instanceof UnrecoverableError) throw error;
  if (error instanceof Unavailable) {
    const pauseMs = (error.retryAfterSeconds ?? 0) * 1000 || UNAVAILABLE_PAUSE_MS;
    await job.moveToDelayed(Date.now() + pauseMs, token);
    throw new DelayedError();
  }
  const { type, message, stack = '' } = describeError(error);
  const described = `${type}: ${message}`;
  const translated =
    error instanceof Fault ? new UnrecoverableError(described) : new Error(described);
  translated.stack = `${described}\n${stack}`;
  throw translated;
}

/**
 * True when an unknown job may come from a newer version: its time is within an hour of now, in
 * either direction.
 */
export function mayBeNewer({ timestamp }: Job): boolean {
  return Math.abs(Date.now() - timestamp) < UNKNOWN_FOR_MS;
}

/**
 * Delays a job that this process has no handler for. In the failed set its id would prevent the
 * payment's step from being enqueued again.
 */
export async function delayUnknown(job: Job, token: string): Promise<never> {
  await job.moveToDelayed(Date.now() + UNKNOWN_PAUSE_MS, token);
  throw new DelayedError();
}
