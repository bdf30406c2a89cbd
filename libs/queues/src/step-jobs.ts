// Jobs for a payment's next step, made alike by the relay right after a commit and by the sweeper of due times.
import { jobId } from './jobs.js';
import type { NewJob } from './job-producer.js';

/**
 * A step's id lasts an hour: within it a second job for the same step is dropped, so a backlog is not multiplied by those
 * who look after it; after it, a job that ended in the failed set no longer keeps the step from being tried again.
 */
const ID_LASTS_MS = 3_600_000;

interface Step {
  readonly paymentId: string;
  /** The payment's version that the step belongs to. */
  readonly version: number;
  readonly at: Date;
}

/** The order to submit a queued payment. */
export function submissionJob({
  paymentId,
  version,
  at,
  lane,
}: Step & { readonly lane: string }): NewJob {
  return {
    name: 'payment.submit.v1',
    payload: { paymentId },
    lane,
    jobId: stepId('submit', paymentId, version, at),
  };
}

/** The order to ask the gateway; `inquiries` counts the fruitless ones before it. */
export function inquiryJob({
  paymentId,
  version,
  at,
  inquiries,
}: Step & { readonly inquiries: number }): NewJob {
  const id = `${stepId('inquire', paymentId, version, at)}-${inquiries}`;
  return { name: 'payment.inquire.v1', payload: { paymentId }, jobId: id };
}

/** The order to take a refund's next step; `inquiries` counts the fruitless ones before it. */
export function refundJob({
  refundId,
  version,
  at,
  inquiries = 0,
}: {
  readonly refundId: string;
  /** The refund's version that the step belongs to. */
  readonly version: number;
  readonly at: Date;
  readonly inquiries?: number;
}): NewJob {
  const id = `${stepId('refund', refundId, version, at)}-${inquiries}`;
  return { name: 'refund.advance.v1', payload: { refundId }, jobId: id };
}

function stepId(step: string, id: string, version: number, at: Date): string {
  return jobId(step, id, version, Math.floor(at.getTime() / ID_LASTS_MS));
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
