// What will happen to a payment by itself, when, and why; or who has to act where nothing will.
// Words for an operator, from the same facts the worker acts on.
import { isAsked, type Payment, statusToWire } from '@quittance/payments';
import type { TerminalWithoutKey } from '@quittance/persistence';

/** A sentence or two. `now` tells what is overdue. */
export function nextStepOf(payment: Payment, terminal: TerminalWithoutKey, now: Date): string {
  switch (payment.status) {
    case 'queued':
      return submission(payment, terminal, now);
    case 'submitting':
      return (
        `The reply to attempt ${payment.attempt} is awaited. If its worker has died, the sweeper makes the payment ` +
        `in_doubt ${at(payment.nextStepAt, now)}: the request may have reached the gateway.`
      );
    default:
      return payment.nextStepAt === null
        ? nothingPlanned(payment, terminal)
        : nextInquiry(payment, terminal, payment.nextStepAt, now);
  }
}

function submission(payment: Payment, terminal: TerminalWithoutKey, now: Date): string {
  const { attempt, submitBefore, nextStepAt, lane } = payment;
  const deadline = `No attempt is opened after ${submitBefore.toISOString()}; then it fails.`;
  if (terminal.pausedReason !== null) {
    return `Held back: terminal "${terminal.name}" is paused (${terminal.pausedReason}). ${deadline}`;
  }
  if (attempt > 0) {
    const why = `attempt ${attempt} provably never left, so sending again is safe`;
    return `Attempt ${attempt + 1} ${at(nextStepAt, now)}, because ${why}. ${deadline}`;
  }
  return (
    `Waiting for a worker on lane "${lane}". If its job was lost, the sweeper adds it again ` +
    `${at(nextStepAt, now)}. ${deadline}`
  );
}

function nextInquiry(payment: Payment, terminal: TerminalWithoutKey, due: Date, now: Date): string {
  const way = waysToAsk(payment, terminal);
  if (isAsked(payment))
    return `An inquiry out of turn ${way} ${at(due, now)}, because somebody wants the gateway's word at once.`;
  const number = payment.inquiries + 1;
  return `Inquiry ${number} ${way} ${at(due, now)}, ${reasonToAsk(payment)}.`;
}

function waysToAsk({ transId }: Payment, { inquiry }: TerminalWithoutKey): string {
  if (transId !== null) return 'by transID';
  if (inquiry === 'trans_id')
    return '(no transID is known, and the terminal may not be asked otherwise)';
  return inquiry === 'reference' ? 'by reference' : 'by the existence probe';
}

function reasonToAsk({ status, doubtReason }: Payment): string {
  switch (status) {
    case 'inDoubt':
      return `because we do not know whether the gateway has it (${doubtReason})`;
    case 'requiresAction':
    case 'processing':
      return 'because callbacks are sent once at most and not for every change';
    case 'expired':
    case 'cancelled':
      return 'because this end is soft: whatever end the gateway reports later still counts';
    case 'declined':
    case 'blocked':
    case 'failed':
      return 'because this end is assumed: the gateway’s own word outranks it';
    default:
      return 'because refunds and chargebacks send no callback';
  }
}

function nothingPlanned(payment: Payment, terminal: TerminalWithoutKey): string {
  if (payment.status === 'inDoubt') {
    // The worker looks for these: see DoubtRevival.
    if (payment.transId !== null || terminal.inquiry !== 'trans_id')
      return `An inquiry ${waysToAsk(payment, terminal)} within a minute: there is a way to ask now.`;
    const means = 'no transID is known and the terminal may not be asked otherwise';
    return `Nothing by itself: ${means}. A callback, or a person with evidence, takes it out of doubt.`;
  }
  return `Nothing: ${statusToWire(payment.status)} needs no further step, or its schedule has ended.`;
}

/** `at 2026-11-21T10:00:00.000Z (in 40 s)`. */
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
