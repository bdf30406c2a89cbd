// One change to one payment, and its rows. The same conditional statement writes it, whatever its
// cause.
import type { Decision, Payment } from '@quittance/payments';
import { isForwarded, isHandedOver, paymentIntentView, statusToWire } from '@quittance/payments';
import { stateColumns } from './payment-row.js';

/** The attempt that a fence opens. */
export interface OpenedAttempt {
  /** The gateway's reply is due before this instant. */
  readonly replyBefore: Date;
  /**
   * A UUID unique to this opening: it identifies the attempt's owner if the response to the commit
   * was lost.
   */
  readonly openedBy: string;
}

/** The end of a closed attempt, with its evidence. Never bodies. */
export interface AttemptEnd {
  /** The kind of the outcome, e.g. `reported`, `notSent`. */
  readonly outcome: string;
  readonly httpStatus: number | null;
  readonly errorNumber: string | null;
  readonly reason: string | null;
  readonly durationMs: number;
}

/**
 * A callback as it is stored: a digest of the body, to recognize repeats, and allow-listed fields.
 */
export interface ReceivedCallback {
  readonly contentSha256: Buffer;
  readonly isEncrypted: boolean;
  readonly verdict: 'ignored' | 'awaiting_inquiry' | 'parked';
  readonly reason: string | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly receivedAt: Date;
}

/** A decision about `before`, to be written if `before` is still the state in the database. */
export interface Change {
  readonly before: Payment;
  readonly decision: Decision;
  /** The merchant's name of the terminal, for the event's view of the payment. */
  readonly terminalName: string;
  /**
   * Opens attempt `decision.next.attempt`. `callbackKid` names the key that made the token in its
   * callback address.
   */
  readonly opensAttempt?: OpenedAttempt & { readonly callbackKid?: string };
  /** Closes attempt `before.attempt`. */
  readonly closesAttempt?: AttemptEnd;
  /** Restored only after a provably unsent attempt; every other change erases the stored card. */
  readonly sealedCard?: string | null;
  readonly callback?: ReceivedCallback;
  /**
   * The transaction that the reply to our own request named and another payment has. Stored,
   * because one of the two is wrong.
   */
  readonly claimsTransId?: string;
}

/** Returns the change as one row of JSON input. Absent parts are omitted and read as NULL. */
export function changeRow({ before, decision, ...change }: Change) {
  const { next, move } = decision;
  return {
    payment_id: before.id,
    merchant_id: before.merchantId,
    expected_version: before.version,
    hinted_before: before.hintedAt,
    erased_before: before.personalDataErasedAt ?? null,
    ...stateColumns(next),
    asks_raised: next.asks - before.asks,
    asks_answered: next.asksAnswered,
    // A request that comes meanwhile retains its due time, unless this step is the requested one.
    ...(retainsAsks(before, decision) && { asks_seen: before.asks }),
    sealed_card: change.sealedCard ?? null,
    claims_trans_id: change.claimsTransId ?? null,
    ...(move && {
      previous_status: statusToWire(move.from),
      cause: move.cause,
      attempt: next.attempt === 0 ? null : next.attempt,
      gateway_code: move.gatewayCode,
      note: move.note,
      snapshot: paymentIntentView(next, change.terminalName),
      ...(isForwarded(next) && { forward_due: next.updatedAt }),
      traceparent: next.traceparent ?? null,
    }),
    ...(change.opensAttempt && {
      attempt_opened: next.attempt,
      reply_before: change.opensAttempt.replyBefore,
      opened_by: change.opensAttempt.openedBy,
      callback_kid: change.opensAttempt.callbackKid,
    }),
    ...(change.closesAttempt && closedAttempt(before.attempt, change.closesAttempt)),
    ...(change.callback && { ...callbackColumns(change.callback), due_before: before.nextStepAt }),
  };
}

function retainsAsks({ status }: Payment, { move }: Decision): boolean {
  return move === null || isHandedOver(status);
}

function closedAttempt(number: number, end: AttemptEnd) {
  return {
    attempt_closed: number,
    outcome: end.outcome,
    http_status: end.httpStatus,
    error_number: end.errorNumber,
    reason: end.reason,
    duration_ms: end.durationMs,
  };
}

/** Returns the columns of a row of JSON input, in which bytea is written in Postgres's hex form. */
export function callbackColumns(callback: ReceivedCallback) {
  return {
    content_sha256: `\\x${callback.contentSha256.toString('hex')}`,
    encrypted: callback.isEncrypted,
    verdict: callback.verdict,
    verdict_reason: callback.reason,
    fields: callback.fields,
    received_at: callback.receivedAt,
  };
}
