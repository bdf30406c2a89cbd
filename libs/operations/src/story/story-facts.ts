// The facts of a story in the names and forms of the API, for programs.
import {
  formatAmount,
  paymentIntentView,
  refundStatusToWire,
  statusToWire,
} from '@quittance/payments';
import type { PaymentHistory, TerminalWithoutKey } from '@quittance/persistence';
import { doubtMeaning } from './doubt-meaning.js';
import { nextStepOf } from './next-step.js';
import type { PaymentStory } from './payment-story.js';
import { nextStepOfRefund } from './refund-next-step.js';

type RefundHistory = PaymentHistory['refunds'][number];
type Transition = PaymentHistory['moves'][number] | RefundHistory['events'][number];
type Attempt = PaymentHistory['attempts'][number] | RefundHistory['attempts'][number];

/** Returns the facts about a payment; names and forms of the API. */
export function storyFacts(story: PaymentStory) {
  const { merchantName, payment, terminal, history, concerned, now } = story;
  return {
    merchant: merchantName,
    payment_intent: paymentIntentView(payment, terminal.name),
    terminal: terminalFacts(terminal),
    transitions: transitionFacts(history.moves, statusToWire).map((move) => ({
      ...move,
      is_published: !story.unpublished.has(move.sequence),
    })),
    attempts: attemptFacts(history.attempts),
    callbacks: history.callbacks.map((callback) => ({
      received_at: callback.receivedAt,
      is_encrypted: callback.encrypted,
      verdict: verdictOf(callback),
      reason: callback.reason,
    })),
    inquiries: history.inquiries.map(({ askedAt, strategy, answer, detail }) => ({
      asked_at: askedAt,
      strategy: strategy === 'transId' ? 'trans-id' : strategy,
      answer: answerName(answer).replaceAll(' ', '_'),
      detail,
    })),
    operator_actions: history.actions.map((action) => ({
      at: action.at,
      sequence: action.sequence,
      operator: action.operator,
      proposed_by: action.proposedBy,
      action: action.action,
      why: action.why,
    })),
    refunds: history.refunds.map((refund) => refundFacts(refund, now)),
    other_payments: concerned.map(
      ({ merchantName: merchant, reference, status, transId, why }) => ({
        merchant,
        reference,
        status,
        trans_id: transId,
        why,
      }),
    ),
    doubt:
      payment.status === 'inDoubt'
        ? { reason: payment.doubtReason, meaning: doubtMeaning(payment.doubtReason) }
        : null,
    next_step: { at: payment.nextStepAt, description: nextStepOf(story) },
    personal_data_erased_at: history.ends?.personalDataErasedAt ?? null,
    history_ended_at: history.ends?.historyEndedAt ?? null,
  };
}

/** The terminal as far as it explains the payment. */
function terminalFacts(terminal: TerminalWithoutKey) {
  return {
    name: terminal.name,
    lane: terminal.lane,
    mode: terminal.mode,
    protocol: terminal.protocol,
    callbacks: terminal.callbackEncryption,
    inquiry: terminal.inquiry,
    paused_reason: terminal.pausedReason,
  };
}

/** Returns the answer to an inquiry in words. */
export const answerName = (answer: string): string =>
  answer.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Returns the verdict on a callback as the API spells it. */
export const verdictOf = ({ verdict }: PaymentHistory['callbacks'][number]): string =>
  verdict === 'awaitingInquiry' ? 'awaiting_inquiry' : verdict;

/** Returns the facts about one refund. `now` decides whether its step is overdue. */
export function refundFacts(refund: RefundHistory, now: Date) {
  const { amountMinor: minor, currency } = refund;
  return {
    id: refund.id,
    reference: refund.reference,
    amount: formatAmount({ minor, currency }),
    currency,
    status: refundStatusToWire(refund.status),
    failure: failureOf(refund),
    doubt_reason: refund.doubtReason,
    version: refund.version,
    transitions: transitionFacts(refund.events, refundStatusToWire),
    attempts: attemptFacts(refund.attempts),
    next_step: { at: refund.nextStepAt, description: nextStepOfRefund(refund, now) },
  };
}

const failureOf = ({ failureCode: code, failureMessage: message }: RefundHistory) =>
  code === null ? null : { code, message };

function transitionFacts<M extends Transition>(
  moves: readonly M[],
  toWire: (status: M['status']) => string,
) {
  return moves.map((move) => ({
    sequence: move.sequence,
    at: move.createdAt,
    from: move.previousStatus && toWire(move.previousStatus),
    to: toWire(move.status),
    cause: move.cause,
    attempt: move.attempt,
    gateway_code: move.gatewayCode,
    note: move.note,
  }));
}

function attemptFacts(attempts: readonly Attempt[]) {
  return attempts.map((attempt) => ({
    number: attempt.number,
    opened_at: attempt.openedAt,
    outcome: attempt.outcome,
    duration_ms: attempt.durationMs,
    http_status: attempt.httpStatus,
    ...('errorNumber' in attempt && { error_number: attempt.errorNumber }),
    reason: attempt.reason,
  }));
}
