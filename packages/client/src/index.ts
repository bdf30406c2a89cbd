// The public names of the package.
import { EventsClient } from './events.js';
import { PaymentsClient } from './payments.js';
import { PublishedKeys } from './published-keys.js';
import { RefundsClient } from './refunds.js';
import { type ClientOptions, Transport } from './transport.js';

export interface QuittanceOptions extends ClientOptions {
  /**
   * True to encrypt cards in this process, for the worker that submits them. The payment's `card`
   * is null then, and a card that breaks a rule fails its payment instead of the call. Default
   * true.
   */
  readonly encryptCards?: boolean;
}

/** A client of one merchant. */
export class Quittance {
  readonly payments: PaymentsClient;
  readonly refunds: RefundsClient;
  readonly events: EventsClient;

  constructor({ encryptCards = true, ...options }: QuittanceOptions) {
    const transport = new Transport(options);
    const published = new PublishedKeys(transport);
    this.payments = new PaymentsClient(transport, published, encryptCards);
    this.refunds = new RefundsClient(transport);
    this.events = new EventsClient(transport);
  }
}

export type { Batch, BatchOutcome, CreateManyOptions } from './batches.js';
export type { Card } from './card-encryption.js';
export {
  type EventsClient,
  type EventsOptions,
  isRefundEvent,
  type PaymentEvent,
  type QuittanceEvent,
  type RefundEvent,
} from './events.js';
export type { Page } from './pages.js';
export type {
  CallOptions,
  CreatePaymentIntent,
  HeldCallOptions,
  IntentQueue,
  ListPaymentIntents,
  PaymentIntent,
  PaymentsClient,
  PaymentStatus,
  Timeline,
  WaitOptions,
} from './payments.js';
export {
  type FaultEntry,
  InvalidReturnError,
  isQuittanceError,
  NoAnswerError,
  type ProblemCode,
  ProblemError,
  type QuittanceError,
} from './problems.js';
export type {
  CreateRefund,
  ListRefunds,
  Refund,
  RefundsClient,
  RefundStatus,
  WaitForRefundOptions,
} from './refunds.js';
export type { ReturnedPayment, VerifyReturnOptions } from './returns.js';
export type { ClientOptions } from './transport.js';
