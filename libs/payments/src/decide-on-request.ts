// Decides on requests from anyone but the gateway: the caller and the worker before the payment is
// sent, the sweeper about overdue payments, an operator about a doubt.
import { type Decision, keep, move } from './decision.js';
import type { Evidence } from './evidence.js';
import { type Payment, RESOLVED_BY_OPERATOR } from './payment.js';
import type { CardRefusal } from './reasons.js';
import type { PaymentStatus } from './status.js';

/**
 * The time in which an attempt can store its result after the reply deadline, before the sweeper
 * calls it abandoned.
 */
export const ABANDONED_AFTER_MS = 15_000;

type RequestEvidence = Extract<Evidence, { readonly cause: 'request' }>;

/**
 * Decides on a request of the caller, or of the worker that wants to send. Only a queued payment
 * grants it.
 */
export function decideOnRequest(payment: Payment, evidence: RequestEvidence, now: Date): Decision {
  if (payment.status !== 'queued') return keep(payment, 'not_queued');
  switch (evidence.act) {
    case 'cancel':
      return move(payment, { to: 'cancelled', cause: 'request', nextStepAt: null }, now);
    case 'open':
      return open(payment, evidence.replyBefore, now);
    case 'refuseCard':
      return refuseCard(payment, evidence.reason, now);
  }
}

function open(payment: Payment, replyBefore: Date, now: Date): Decision {
  if (now >= payment.submitBefore) return unreachable(payment, 'request', now);
  const sweepAt = new Date(replyBefore.getTime() + ABANDONED_AFTER_MS);
  const attempt = payment.attempt + 1;
  return move(payment, { to: 'submitting', cause: 'request', attempt, nextStepAt: sweepAt }, now);
}

const REFUSED_CARD: Readonly<Record<CardRefusal, string>> = {
  card_unreadable: 'The card in card_jwe could not be decrypted; nothing was sent.',
  card_invalid: 'The content of card_jwe is not a valid card; nothing was sent.',
};

function refuseCard(payment: Payment, code: CardRefusal, now: Date): Decision {
  const failure = { code, message: REFUSED_CARD[code] };
  return move(payment, { to: 'failed', cause: 'request', failure }, now);
}

/** Puts in doubt an attempt whose worker died at an unknown step. */
export function abandon(payment: Payment, now: Date): Decision {
  if (payment.status !== 'submitting') return keep(payment, 'not_submitting');
  return move(payment, { to: 'inDoubt', cause: 'sweeper', doubtReason: 'worker_died' }, now);
}

/**
 * Ends a payment that was never sent, for any reason. The status is `failed`, not `expired`: only
 * the gateway reports `expired`, which is soft and leads to more inquiries, and the gateway never
 * received this payment.
 */
export function neverSend(payment: Payment, now: Date): Decision {
  if (payment.status !== 'queued') return keep(payment, 'not_queued');
  if (now < payment.submitBefore) return keep(payment, 'not_due');
  const message = 'The payment could not be sent before its deadline; nothing was sent.';
  return move(
    payment,
    { to: 'failed', cause: 'sweeper', failure: { code: 'never_sent', message } },
    now,
  );
}

/** Ends a payment whose gateway could not be reached in time. */
export function unreachable(payment: Payment, cause: 'reply' | 'request', now: Date): Decision {
  const message = 'The gateway could not be reached before the deadline; nothing was sent.';
  return move(
    payment,
    { to: 'failed', cause, failure: { code: 'gateway_unreachable', message } },
    now,
  );
}

/**
 * The results that a person can have seen at the gateway or the bank. `refundPending` and
 * `disputed` are missing because without a transID no inquiry could follow them up; `refunded`
 * because only a refund of ours leads to it.
 */
export const resolvableStatuses = [
  'succeeded',
  'declined',
  'blocked',
  'failed',
  'expired',
  'cancelled',
  'reversed',
  'chargedBack',
] as const satisfies readonly PaymentStatus[];

/** True when an operator may end a doubt as `status`. */
export function isResolvable(status: PaymentStatus): boolean {
  return (resolvableStatuses as readonly PaymentStatus[]).includes(status);
}

/**
 * Decides on an operator's resolution. `already_so` is a repeat; `not_in_doubt` and `not_an_end`
 * are refusals.
 */
export function decideOnResolution(payment: Payment, to: PaymentStatus, now: Date): Decision {
  if (!isResolvable(to)) return keep(payment, 'not_an_end');
  if (payment.status === to) return keep(payment, 'already_so');
  if (payment.status !== 'inDoubt') return keep(payment, 'not_in_doubt');
  return move(
    payment,
    { to, cause: 'operator', failure: failureOf(to), note: RESOLVED_BY_OPERATOR },
    now,
  );
}

function failureOf(status: PaymentStatus): Payment['failure'] {
  if (status !== 'declined' && status !== 'blocked' && status !== 'failed') return null;
  const message = 'An operator with evidence resolved the doubt; the gateway has not reported it.';
  return { code: RESOLVED_BY_OPERATOR, message };
}
