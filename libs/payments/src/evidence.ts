// Evidence about a payment, as values. Network faults are evidence too; only bugs are exceptions.
import type { CardRefusal, RefusalCode, ReportField, UnknownReason } from './reasons.js';
import type { PaymentStatus } from './status.js';

/**
 * The state of a transaction at the gateway, which libs/gateway reads from the gateway's codes.
 * `takenBack` is money that went back, for whatever reason; `unknown` is a code that says nothing
 * about a payment, or that is not published.
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
 * The gateway's report about one transaction, from a reply, a callback or an inquiry. `null` where
 * it says nothing.
 */
export interface GatewayReport {
  /** Decimal digits, exact. */
  readonly transId: string;
  readonly state: ReportedState;
  /** The code as text, e.g. `"25"`: stored, and never branched on. */
  readonly orderStatus: string;
  readonly reference: string | null;
  /** A decimal in major units and lowest terms: `11.1`, never `11.10` or `1.11E1`. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly response: string | null;
  readonly authUrl: string | null;
  /**
   * The masked card number, as the gateway writes it: `411111XXXXXX1111`, `4111****1111` or `1111`.
   */
  readonly maskedCard: string | null;
  /** True when the report names a terminal other than the payment's. */
  readonly isOtherTerminal: boolean;
  /** Fields that are present but unreadable, which differs from absent. */
  readonly unreadable: readonly ReportField[];
}

/**
 * The claim of another payment on a transaction that was found by a reference alone: it has the
 * transaction, or it uses the same reference, has no transaction yet and may have requested this
 * one.
 */
export type Rival = 'hasTransaction' | 'mayHaveTransaction';

/** The outcome of one submission attempt. `unknown` is the default in every doubt. */
export type Outcome =
  /**
   * Proof that no byte of the request left: DNS, connection refused, TLS before the first byte.
   * With `isConfiguration`, no request of this terminal would leave.
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
   * The gateway refused before it stored anything. With `isConfiguration`, it would refuse every
   * payment of this terminal.
   */
  | {
      readonly kind: 'refused';
      readonly code: RefusalCode;
      readonly message: string;
      readonly isConfiguration: boolean;
    }
  /** The gateway already has this reference. Inquire; never send again. */
  | { readonly kind: 'alreadyKnown'; readonly code: string }
  /** `detail` is the code of the network, the library or the gateway, for operators. */
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly detail?: string };

/** The answer to an inquiry. `unanswered` means that there is none. */
export type InquiryAnswer =
  | { readonly kind: 'reported'; readonly report: GatewayReport; readonly rival?: Rival }
  | { readonly kind: 'notFound' }
  /**
   * "Not found", for as long as the terminal's policy requires, by a method that can prove it
   * (`absenceCounts`).
   */
  | { readonly kind: 'absent' }
  /** The gateway has the reference and says no more (protocol §11). */
  | { readonly kind: 'existsWithoutDetails' }
  | { readonly kind: 'unanswered'; readonly reason: string }
  /**
   * No transID is known, and the terminal may not inquire by reference: only a callback that names
   * the transaction, or a person, can help.
   */
  | { readonly kind: 'noWayToAsk' };

/** All evidence about a payment, by cause. */
export type Evidence =
  | { readonly cause: 'request'; readonly act: 'open'; readonly replyBefore: Date }
  | { readonly cause: 'request'; readonly act: 'cancel' }
  /** The card that the caller encrypted proved unusable when the worker decrypted it to send it. */
  | { readonly cause: 'request'; readonly act: 'refuseCard'; readonly reason: CardRefusal }
  | { readonly cause: 'reply'; readonly outcome: Outcome; readonly random: number }
  /**
   * A claim of anyone who has the payment's address. `report` is null when it could not be read.
   */
  | { readonly cause: 'callback'; readonly report: GatewayReport | null }
  /**
   * `asks` is the payment's count when the inquiry started; omitted if no other answer has been
   * requested since.
   */
  | { readonly cause: 'inquiry'; readonly answer: InquiryAnswer; readonly asks?: number }
  /**
   * The result that a person found elsewhere (the gateway's dashboard, the bank). The audit log
   * stores the reason.
   */
  | { readonly cause: 'operator'; readonly to: PaymentStatus }
  | { readonly cause: 'sweeper'; readonly act: 'abandoned' }
  /** The deadline for sending has passed, and the payment was not sent. */
  | { readonly cause: 'sweeper'; readonly act: 'neverSent' };
