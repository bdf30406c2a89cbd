// The job table: the jobs, the queue of each, its payload and its retries. Producers and consumers
// read the same rows, so neither can know a job that the other does not. A payload contains only
// ids: the state is in Postgres and may have changed by the time a job is taken.
import { idPattern } from '@quittance/platform';
import { z } from 'zod';

/**
 * The retries of a job. Delays double from `firstDelayMs`; each is shortened at random by up to
 * half, so that retries spread out.
 */
export interface RetryPolicy {
  readonly attempts: number;
  readonly firstDelayMs: number;
}

interface JobDefinition {
  readonly queue: string;
  /** True when there is one queue per lane, named `<queue>-<lane>`. */
  readonly hasLanes: boolean;
  readonly payload: z.ZodType;
  readonly retry: RetryPolicy;
}

/**
 * About a minute of attempts (1, 2, 4, 8, 16, 32 s). After that Postgres' due time makes the
 * sweeper enqueue the step again, while the failed job stays visible to operators.
 */
const ABOUT_A_MINUTE: RetryPolicy = { attempts: 7, firstDelayMs: 1000 };

const paymentPayload = z.strictObject({ paymentId: z.string().regex(idPattern('pi')) });

const refundPayload = z.strictObject({ refundId: z.string().regex(idPattern('re')) });

/** A job's name contains its version, so that old and new jobs can coexist during a deploy. */
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
  // An inquiry about an ended payment. It has its own queue, because any number may be due at once
  // and no caller waits for them.
  'payment.watch.v1': {
    queue: 'watch',
    hasLanes: false,
    payload: paymentPayload,
    retry: ABOUT_A_MINUTE,
  },
  // The next step of a refund: submission, sweep or inquiry. Refunds are too few for one queue per
  // step.
  'refund.advance.v1': {
    queue: 'refund',
    hasLanes: false,
    payload: refundPayload,
    retry: ABOUT_A_MINUTE,
  },
} as const satisfies Record<string, JobDefinition>;

/** The name of a job in the table. */
export type JobName = keyof typeof JOBS;
/** The payload of a job: the id of its payment or refund. */
export type JobPayload<N extends JobName> = z.infer<(typeof JOBS)[N]['payload']>;

/** Names of the jobs that have one queue per lane. */
export type LaneJobName = {
  [N in JobName]: (typeof JOBS)[N]['hasLanes'] extends true ? N : never;
}[JobName];

export const jobNames = Object.keys(JOBS) as readonly JobName[];

/** The form of a lane's name (`terminals.lane` in the database has the same rule). */
const LANE = /^[a-z0-9-]{1,40}$/;

/** The queue of payments that any service may publish; the api consumes it. */
export const INTENTS_QUEUE = 'payment-intents';

/**
 * Returns the queue of a job. Throws TypeError when a lane is missing, unexpected or malformed.
 */
export function queueOf(name: JobName, lane?: string): string {
  const { queue, hasLanes } = JOBS[name];
  if (hasLanes !== (lane !== undefined)) {
    throw new TypeError(`${name} ${hasLanes ? 'needs a lane' : 'has no lanes'}`);
  }
  if (lane === undefined) return queue;
  if (!LANE.test(lane)) throw new TypeError('the name of a lane has 1 to 40 of a-z, 0-9 and -');
  return `${queue}-${lane}`;
}

/**
 * Returns the id of a job, made from the parts that identify it. BullMQ drops a job while another
 * one with its id is waiting, active or failed, so the parts must contain what distinguishes a new
 * step from the previous one, e.g. a version.
 */
export function jobId(...parts: readonly (string | number)[]): string {
  const id = parts.join('-');
  // BullMQ separates the parts of its keys with colons, and uses numbers as its own job ids.
  if (id.includes(':') || /^\d*$/.test(id))
    throw new TypeError('a job id needs a letter and no colon');
  return id;
}

/**
 * A job to add. `jobId` comes from {@link jobId}; a second job with the same id is dropped while
 * the first exists.
 */
export type NewJob = {
  readonly [N in JobName]: {
    readonly name: N;
    readonly payload: JobPayload<N>;
    readonly jobId: string;
    /** The merchant whose turn the job takes; merchants with many jobs do not delay the others. */
    readonly merchantId: string;
    /** Required when the job has lanes. */
    readonly lane?: string | undefined;
    /** The delay before the job may be taken, in milliseconds. Default none. */
    readonly delayMs?: number;
  };
}[JobName];

/**
 * The lifetime of a step's id, one hour. Within it a second job for the same step is dropped, so
 * that repeated claims do not multiply a backlog. After it a job in the failed set no longer blocks
 * the step. Each request for a step from outside changes the id through `asks`, because a job in
 * progress may have read the payment before the request.
 */
const ID_LASTS_MS = 3_600_000;

interface Step {
  readonly paymentId: string;
  readonly merchantId: string;
  /** The version of the payment or the refund that the step belongs to. */
  readonly version: number;
  /** The number of requests to take the step at once. Default 0, as after a transition. */
  readonly asks?: number;
  readonly at: Date;
}

/** Returns the job that submits a queued payment. */
export function submissionJob({ lane, ...step }: Step & { readonly lane: string }): NewJob {
  const { paymentId, merchantId } = step;
  const id = stepId('submit', paymentId, step);
  return { name: 'payment.submit.v1', payload: { paymentId }, lane, merchantId, jobId: id };
}

/** Returns the job that inquires about a payment; `inquiries` counts the fruitless ones before. */
export function inquiryJob(step: Step & { readonly inquiries: number }): NewJob {
  const { paymentId, merchantId, inquiries } = step;
  const id = `${stepId('inquire', paymentId, step)}-${inquiries}`;
  return { name: 'payment.inquire.v1', payload: { paymentId }, merchantId, jobId: id };
}

/**
 * Returns the job that inquires about an ended payment; `inquiries` counts the fruitless ones
 * before.
 */
export function watchJob(step: Step & { readonly inquiries: number }): NewJob {
  const { paymentId, merchantId, inquiries } = step;
  const id = `${stepId('watch', paymentId, step)}-${inquiries}`;
  return { name: 'payment.watch.v1', payload: { paymentId }, merchantId, jobId: id };
}

/**
 * Returns the job that takes a refund's next step; `inquiries` counts the fruitless ones before.
 */
export function refundJob({
  refundId,
  inquiries = 0,
  ...step
}: Omit<Step, 'paymentId'> & { readonly refundId: string; readonly inquiries?: number }): NewJob {
  const id = `${stepId('refund', refundId, step)}-${inquiries}`;
  const { merchantId } = step;
  return { name: 'refund.advance.v1', payload: { refundId }, merchantId, jobId: id };
}

function stepId(
  step: string,
  id: string,
  { version, asks = 0, at }: Pick<Step, 'version' | 'asks' | 'at'>,
): string {
  return jobId(step, id, version, asks, Math.floor(at.getTime() / ID_LASTS_MS));
}

interface OrderedSubmission {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly sequence: number;
  readonly lane: string | null;
  readonly at: Date;
}

/** Returns the jobs for a batch of outbox messages: submissions, which have a lane, and refunds. */
export function orderedJobs(
  messages: readonly OrderedSubmission[],
  refundOrders: readonly { refundId: string; merchantId: string; version: number; at: Date }[],
): NewJob[] {
  const submissions = messages.flatMap(({ sequence: version, lane, ...step }) =>
    lane === null ? [] : [submissionJob({ ...step, version, lane })],
  );
  return [...submissions, ...refundOrders.map((order) => refundJob(order))];
}
