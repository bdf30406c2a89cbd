// The job table: which jobs exist, on which queue each waits, what its payload is and how a failed try is repeated.
// Producers and consumers read the same rows, so neither can know a job the other does not.
// A payload holds ids only. The truth is in Postgres, which may have moved on by the time a job is taken.
import { z } from 'zod';

/** Pauses double from `firstDelayMs`, each shortened at random by up to half so that retries spread out. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
}

interface JobDefinition {
  readonly queue: string;
  /** Whether the queue exists once per lane, as `<queue>-<lane>`. */
  readonly hasLanes: boolean;
  readonly payload: z.ZodType;
  readonly retry: RetryPolicy;
}

/**
 * About a minute of tries (1, 2, 4, 8, 16, 32 s). What fails for longer is not the queue's to keep: Postgres
 * holds the due time and the sweeper enqueues again, while the failed job stays visible to operators.
 */
const ABOUT_A_MINUTE: RetryPolicy = { attempts: 7, firstDelayMs: 1000 };

const paymentPayload = z.strictObject({ paymentId: z.string().regex(/^pi_[0-9a-z]{26}$/) });

const refundPayload = z.strictObject({ refundId: z.string().regex(/^re_[0-9a-z]{26}$/) });

/** The version is in the name, so that a deploy can run beside jobs of the one before. */
export const JOBS = {
  'payment.submit.v1': {
    queue: 'submission',
    hasLanes: true,
    payload: paymentPayload,
    retry: ABOUT_A_MINUTE,
  },
  'payment.inquire.v1': {
    queue: 'inquiry',
    hasLanes: false,
    payload: paymentPayload,
    retry: ABOUT_A_MINUTE,
  },
  // The same about a payment that has ended. Any number may be due at once, and no caller waits for them: a queue of their own.
  'payment.watch.v1': {
    queue: 'watch',
    hasLanes: false,
    payload: paymentPayload,
    retry: ABOUT_A_MINUTE,
  },
  // Whatever a refund needs next: to be sent, swept or asked about. Refunds are too few for a queue for each.
  'refund.advance.v1': {
    queue: 'refund',
    hasLanes: false,
    payload: refundPayload,
    retry: ABOUT_A_MINUTE,
  },
} as const satisfies Record<string, JobDefinition>;

export type JobName = keyof typeof JOBS;
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]['payload']>;

/** Names of the jobs that have one queue per lane. */
export type LaneJobName = {
  [N in JobName]: (typeof JOBS)[N]['hasLanes'] extends true ? N : never;
}[JobName];

export const jobNames = Object.keys(JOBS) as readonly JobName[];

/** What a lane may be called (`terminals.lane` in the database has the same rule). */
const LANE = /^[a-z0-9-]{1,40}$/;

/** The queue a job waits in. Throws when a lane is missing, given where there are none, or not a lane's name. */
export function queueOf(name: JobName, lane?: string): string {
  const { queue, hasLanes } = JOBS[name];
  if (hasLanes !== (lane !== undefined)) {
    throw new TypeError(`${name} ${hasLanes ? 'needs a lane' : 'has no lanes'}`);
  }
  if (lane === undefined) return queue;
  if (!LANE.test(lane)) throw new TypeError('a lane is named with 1 to 40 of a-z, 0-9 and -');
  return `${queue}-${lane}`;
}

/**
 * The id of a job from what makes it this job and no other. BullMQ drops a job whose id is still waiting, running
 * or failed, so the parts must include whatever makes a further try different: a version, an epoch, an attempt.
 */
export function jobId(...parts: readonly (string | number)[]): string {
  const id = parts.join('-');
  // BullMQ builds its keys with colons and numbers jobs itself.
  if (id.includes(':') || /^\d*$/.test(id))
    throw new TypeError('a job id needs a letter and no colon');
  return id;
}
