// What we can learn about a payment, as values. Faults of the network become evidence too: only
// bugs are exceptions.
import type { PaymentStatus } from './status.js';

/** What of a report decides whether it is about a payment, or what becomes of the payment. */
export type ReportField = 'reference' | 'amount' | 'currency' | 'terminal' | 'card' | 'authurl';

/**
 * The state in which the gateway holds a transaction. libs/gateway reads it from the gateway's
 * codes: `takenBack` is money that went back, for whatever reason; `unknown` is a code that says
 * nothing of a payment, or that nobody published.
 */
export type ReportedState =
  | 'pending'
  | 'approved'
  | 'declined'
  | 'blocked'
  | 'failed'
  | 'expired'
  | 'cancelled'
  | 'refundPending'
  | 'takenBack'
  | 'chargedBack'
  | 'disputed'
  | 'testPending'
  | 'testApproved'
  | 'testDeclined'
  | 'unknown';

/**
 * The gateway's own word about one transaction, from a reply, a callback or an inquiry. `null`
 * where it said nothing.
 */
export interface GatewayReport {
  /** Digits, exact. */
  readonly transId: string;
  readonly state: ReportedState;
  /** The code as text, e.g. `"25"`: kept on record, and never branched on. */
  readonly orderStatus: string;
  readonly reference: string | null;
  /** A decimal in major units and lowest terms: `11.1`, never `11.10` or `1.11E1`. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly response: string | null;
  readonly authUrl: string | null;
  /**
   * Digits of the card around a mask, as the gateway writes them: `411111XXXXXX1111`,
   * `4111****1111` or `1111`.
   */
  readonly maskedCard: string | null;
  /** It names a terminal, and that is not the payment's. */
  readonly isOtherTerminal: boolean;
  /** What is there and could not be read: never the same as nothing said. */
  readonly unreadable: readonly ReportField[];
}

/**
 * What is known of other payments when a transaction was found by a reference alone: one of them
 * has it, or one of them uses the same reference, has no transaction yet and may have asked the
 * gateway for this one.
 */
export type Rival = 'hasTransaction' | 'mayHaveTransaction';

/** What one submission attempt told us. `unknown` is the default of every doubt. */
export type Outcome =
  /**
   * Proof that no byte of the request left: DNS, connection refused, TLS before the first byte.
   * `isConfiguration`: none of this terminal's would.
   */
  | { readonly kind: 'notSent'; readonly reason: string; readonly isConfiguration?: true }
  | { readonly kind: 'reported'; readonly report: GatewayReport }
  | {
      readonly kind: 'blocked';
      readonly code: string;
      readonly transId: string | null;
      readonly message: string;
    }
  /**
   * Refused before the gateway stored anything. `isConfiguration`: every payment of this terminal
   * would be refused.
   */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly isConfiguration: boolean;
    }
  /** The gateway already has this reference. Never send again; ask. */
  | { readonly kind: 'alreadyKnown'; readonly code: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What an inquiry told us. Not being told is not an answer. */
export type InquiryAnswer =
  | { readonly kind: 'reported'; readonly report: GatewayReport; readonly rival?: Rival }
  | { readonly kind: 'notFound' }
  /**
   * "Not found", said for as long as the terminal's policy asks by a strategy that can prove it
   * (`absenceCounts`).
   */
  | { readonly kind: 'absent' }
  /** The gateway has the reference and says no more (protocol §11). */
  | { readonly kind: 'existsWithoutDetails' }
  | { readonly kind: 'unanswered'; readonly reason: string }
  /**
   * Neither a transID is known nor may the terminal ask by reference: only a callback that names
   * the transaction or a person can help.
   */
  | { readonly kind: 'noWayToAsk' };

/**
 * Why a card that its caller sealed cannot be sent: it does not open, or what it holds is no good
 * card.
 */
export type CardRefusal = 'card_unreadable' | 'card_invalid';

/** Everything that can bear on a payment, by cause. */
export type Evidence =
  | { readonly cause: 'request'; readonly act: 'open'; readonly replyBefore: Date }
  | { readonly cause: 'request'; readonly act: 'cancel' }
  /**
   * The card that the caller sealed turned out, when it was opened to be sent, to be none that can
   * be sent.
   */
  | { readonly cause: 'request'; readonly act: 'refuseCard'; readonly reason: CardRefusal }
  | { readonly cause: 'reply'; readonly outcome: Outcome; readonly random: number }
  /** Somebody who has the payment's address says so. `report` is null when it could not be read. */
  | { readonly cause: 'callback'; readonly report: GatewayReport | null }
  /**
   * `asks`: the payment's when the gateway was asked. Left out: no other answer has been asked for
   * since.
   */
  | { readonly cause: 'inquiry'; readonly answer: InquiryAnswer; readonly asks?: number }
  /**
   * A person has looked elsewhere (the gateway's dashboard, the bank) and says how it ended. Why is
   * kept by the audit.
   */
  | { readonly cause: 'operator'; readonly to: PaymentStatus }
  | { readonly cause: 'sweeper'; readonly act: 'abandoned' }
  /** Nobody has sent it, and its time to be sent is over. */
  | { readonly cause: 'sweeper'; readonly act: 'neverSent' };
