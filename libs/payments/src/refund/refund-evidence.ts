// What we can learn about a refund, as values.
import type { GatewayReport, InquiryAnswer } from '../evidence.js';

/** What one refund request told us (protocol §8). `unknown` is the default of every doubt. */
export type RefundOutcome =
  /** Proof that no byte of the request left. `isConfiguration`: none of this terminal's would. */
  | { readonly kind: 'notSent'; readonly reason: string; readonly isConfiguration?: true }
  | { readonly kind: 'accepted'; readonly report: GatewayReport }
  /** The gateway said no before it did anything. `report` where it also told the payment's status. */
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly report: GatewayReport | null;
    }
  /** A refund of this payment was asked for before: by somebody else, or our request arrived twice. */
  | { readonly kind: 'alreadyRequested'; readonly report: GatewayReport }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Everything that can bear on a refund, by cause. */
export type RefundEvidence =
  | { readonly cause: 'request'; readonly act: 'open'; readonly replyBefore: Date }
  | { readonly cause: 'reply'; readonly outcome: RefundOutcome; readonly random: number }
  /** An answer about the payment; `step` says whose due step asked, and so whose schedule moves on. */
  | {
      readonly cause: 'inquiry';
      readonly answer: InquiryAnswer;
      readonly step: 'payment' | 'refund';
    }
  | { readonly cause: 'sweeper'; readonly act: 'abandoned' }
  /** A person has looked it up at the gateway. */
  | { readonly cause: 'operator'; readonly as: 'accepted' | 'failed'; readonly note: string };
