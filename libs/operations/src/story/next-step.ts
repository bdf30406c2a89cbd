// Explains the next step of a payment in words: the automatic step, its time and its reason, or the
// person who must act. It uses the same facts as the worker.
import { isInquiryRequested, type Payment, statusToWire } from '@quittance/payments';
import type { TerminalWithoutKey } from '@quittance/persistence';

/** The facts that decide on the next step. `now` decides whether it is overdue. */
export interface NextStepFacts {
  readonly payment: Payment;
  readonly terminal: TerminalWithoutKey;
  /** True when a worker holds the terminal back, because its gateway does not respond. */
  readonly isBreakerOpen: boolean;
  readonly now: Date;
}

/** Returns the next step in one or two sentences. */
export function nextStepOf(facts: NextStepFacts): string {
  const { payment, terminal, now } = facts;
  switch (payment.status) {
    case 'queued':
      return submission(facts);
    case 'submitting':
      return (
        `Waiting for the reply to attempt ${payment.attempt}. If its worker has died, the sweeper makes the payment ` +
        `in_doubt ${at(payment.nextStepAt, now)}: the request may have reached the gateway.`
      );
    default:
      return payment.nextStepAt === null
        ? nothingPlanned(payment, terminal)
        : nextInquiry(payment, terminal, payment.nextStepAt, now);
  }
}

function submission({ payment, terminal, isBreakerOpen, now }: NextStepFacts): string {
  const { attempt, submitBefore, nextStepAt, lane } = payment;
  const deadline = `No attempt is opened after ${submitBefore.toISOString()}; then it fails.`;
  if (terminal.pausedReason !== null) {
    return `Waiting: terminal "${terminal.name}" is paused (${terminal.pausedReason}). ${deadline}`;
  }
  if (isBreakerOpen) {
    return (
      `Waiting: the gateway of terminal "${terminal.name}" does not respond (open breaker). Workers inquire there ` +
      `every few seconds, and submit again once it replies. ${deadline}`
    );
  }
  if (attempt > 0) {
    const why = `attempt ${attempt} was provably not sent, so another attempt is safe`;
    return `Attempt ${attempt + 1} ${at(nextStepAt, now)}, because ${why}. ${deadline}`;
  }
  return (
    `Waiting for a worker on lane "${lane}". If its job was lost, the sweeper enqueues it again ` +
    `${at(nextStepAt, now)}. ${deadline}`
  );
}

function nextInquiry(payment: Payment, terminal: TerminalWithoutKey, due: Date, now: Date): string {
  const way = waysToAsk(payment, terminal);
  if (isInquiryRequested(payment))
    return `An immediate inquiry ${way} ${at(due, now)}, because one was requested.`;
  const number = payment.inquiries + 1;
  return `Inquiry ${number} ${way} ${at(due, now)}, ${reasonToAsk(payment)}.`;
}

function waysToAsk({ transId }: Payment, { inquiry }: TerminalWithoutKey): string {
  if (transId !== null) return 'by transID';
  if (inquiry === 'trans_id')
    return '(the transID is unknown, and the terminal allows no other inquiry)';
  return inquiry === 'reference' ? 'by reference' : 'by the existence probe';
}

function reasonToAsk({ status, doubtReason }: Payment): string {
  switch (status) {
    case 'inDoubt':
      return `because it is unknown whether the gateway has the payment (${doubtReason})`;
    case 'requiresAction':
    case 'processing':
      return 'because the gateway sends a callback at most once, and not for every change';
    case 'expired':
    case 'cancelled':
      return 'because this end is not definite: a later report from the gateway still counts';
    case 'declined':
    case 'blocked':
    case 'failed':
      return 'because this end is assumed: a report from the gateway overrides it';
    default:
      return 'because the gateway sends no callback for refunds and chargebacks';
  }
}

function nothingPlanned(payment: Payment, terminal: TerminalWithoutKey): string {
  if (payment.status === 'inDoubt') {
    // The worker looks for these payments: see DoubtRevival.
    if (payment.transId !== null || terminal.inquiry !== 'trans_id')
      return `An inquiry ${waysToAsk(payment, terminal)} within a minute, because the terminal now allows one.`;
    const means = 'the transID is unknown and the terminal allows no other inquiry';
    return `No automatic step: ${means}. A callback, or an operator with evidence, ends the doubt.`;
  }
  return `None: ${statusToWire(payment.status)} needs no further step, or its schedule has ended.`;
}

/** Returns a due time and its distance: `at 2026-11-21T10:00:00.000Z (in 40 s)`. */
export function at(due: Date | null, now: Date): string {
  if (due === null) return 'at no planned time';
  const seconds = Math.round((due.getTime() - now.getTime()) / 1000);
  const distance = seconds >= 0 ? `in ${duration(seconds)}` : `overdue for ${duration(-seconds)}`;
  return `at ${due.toISOString()} (${distance})`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.round(seconds / 3600)} h`
    : `${Math.round(seconds / 86_400)} days`;
}
