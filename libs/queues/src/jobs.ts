// The job table: which jobs exist, on which queue each waits, what its payload is and how a failed
// try is repeated. Producers and consumers read the same rows, so neither can know a job the other
// does not. A payload holds ids only. The truth is in Postgres, which may have moved on by the time
// a job is taken.
import { idPattern } from '@quittance/platform';
import { z } from 'zod';

/**
 * Pauses double from `firstDelayMs`, each shortened at random by up to half so that retries spread
 * out.
 */
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
 * About a minute of tries (1, 2, 4, 8, 16, 32 s). What fails for longer is not the queue's to keep:
 * Postgres holds the due time and the sweeper enqueues again, while the failed job stays visible to
 * operators.
 */
const ABOUT_A_MINUTE: RetryPolicy = { attempts: 7, firstDelayMs: 1000 };

const paymentPayload = z.strictObject({ paymentId: z.string().regex(idPattern('pi')) });

const refundPayload = z.strictObject({ refundId: z.string().regex(idPattern('re')) });

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
  // The same about a payment that has ended. Any number may be due at once, and no caller waits for
  // them: a queue of their own.
  'payment.watch.v1': {
    queue: 'watch',
    hasLanes: false,
    payload: paymentPayload,
    retry: ABOUT_A_MINUTE,
  },
  // Whatever a refund needs next: to be sent, swept or asked about. Refunds are too few for a queue
  // for each.
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

/**
 * The queue a job waits in. Throws when a lane is missing, given where there are none, or not a
 * lane's name.
 */
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
 * The id of a job from what makes it this job and no other. BullMQ drops a job whose id is still
 * waiting, running or failed, so the parts must include whatever makes a further try different: a
 * version, an attempt.
 */
export function jobId(...parts: readonly (string | number)[]): string {
  const id = parts.join('-');
  // BullMQ builds its keys with colons and numbers jobs itself.
  if (id.includes(':') || /^\d*$/.test(id))
    throw new TypeError('a job id needs a letter and no colon');
  return id;
}

/**
 * A job to add. `jobId` comes from {@link jobId}: a second one with the same id is dropped while
 * the first exists.
 */
export type NewJob = {
  readonly [N in JobName]: {
    readonly name: N;
    readonly payload: JobPayload<N>;
    readonly jobId: string;
    /** Where the job has lanes. */
    readonly lane?: string | undefined;
    /** Pause before it may be taken, in milliseconds. Default none. */
    readonly delayMs?: number;
  };
}[JobName];

/**
 * A step's id lasts an hour: within it a second job for the same step is dropped, so a backlog is
 * not multiplied by those who look after it; after it, a job that ended in the failed set no longer
 * keeps the step from being tried again. Whoever asks for the step from outside gets a job of its
 * own: the one under way may have looked before they asked.
 */
const ID_LASTS_MS = 3_600_000;

interface Step {
  readonly paymentId: string;
  /** The version, of the payment or the refund, that the step belongs to. */
  readonly version: number;
  /** Requests to take it at once; none when the payment has just moved. */
  readonly asks?: number;
  readonly at: Date;
}

/** The order to submit a queued payment. */
export function submissionJob({ lane, ...step }: Step & { readonly lane: string }): NewJob {
  const { paymentId } = step;
  const id = stepId('submit', paymentId, step);
  return { name: 'payment.submit.v1', payload: { paymentId }, lane, jobId: id };
}

/** The order to ask the gateway; `inquiries` counts the fruitless ones before it. */
export function inquiryJob(step: Step & { readonly inquiries: number }): NewJob {
  const { paymentId, inquiries } = step;
  const id = `${stepId('inquire', paymentId, step)}-${inquiries}`;
  return { name: 'payment.inquire.v1', payload: { paymentId }, jobId: id };
}

/**
 * The order to ask the gateway about a payment that has ended; `inquiries` counts the fruitless
 * ones before it.
 */
export function watchJob(step: Step & { readonly inquiries: number }): NewJob {
  const { paymentId, inquiries } = step;
  const id = `${stepId('watch', paymentId, step)}-${inquiries}`;
  return { name: 'payment.watch.v1', payload: { paymentId }, jobId: id };
}

/** The order to take a refund's next step; `inquiries` counts the fruitless ones before it. */
export function refundJob({
  refundId,
  inquiries = 0,
  ...step
}: Omit<Step, 'paymentId'> & { readonly refundId: string; readonly inquiries?: number }): NewJob {
  const id = `${stepId('refund', refundId, step)}-${inquiries}`;
  return { name: 'refund.advance.v1', payload: { refundId }, jobId: id };
}

function stepId(
  step: string,
  id: string,
  { version, asks = 0, at }: Omit<Step, 'paymentId'>,
): string {
  return jobId(step, id, version, asks, Math.floor(at.getTime() / ID_LASTS_MS));
}

/** The jobs that a batch of outbox messages orders: submissions, which have a lane, and refunds. */
export function orderedJobs(
  messages: readonly { paymentId: string; sequence: number; lane: string | null; at: Date }[],
  refundOrders: readonly { refundId: string; version: number; at: Date }[],
): NewJob[] {
  const submissions = messages.flatMap(({ paymentId, sequence, lane, at }) =>
    lane === null ? [] : [submissionJob({ paymentId, version: sequence, lane, at })],
  );
  return [...submissions, ...refundOrders.map((order) => refundJob(order))];
}
