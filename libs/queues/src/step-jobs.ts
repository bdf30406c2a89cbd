// Jobs for a payment's next step, made alike by the relay right after a commit and by the sweeper of due times.
import { jobId } from './jobs.js';
import type { NewJob } from './job-producer.js';

/**
 * A step's id lasts an hour: within it a second job for the same step is dropped, so a backlog is not multiplied by those
 * who look after it; after it, a job that ended in the failed set no longer keeps the step from being tried again. Whoever asks
 * for the step from outside gets a job of its own: the one under way may have looked before they asked.
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

/** The order to ask the gateway about a payment that has ended; `inquiries` counts the fruitless ones before it. */
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
