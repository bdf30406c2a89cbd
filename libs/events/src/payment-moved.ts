// From a row of payment_events to the CloudEvent that is told about it.
import { eventType, type PaymentEvent, paymentEventId } from './contract.js';

/** One move as the database has it; statuses and cause already in the words of the wire (snake_case). */
export interface PaymentMoved {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly sequence: number;
  readonly status: string;
  readonly previousStatus: string | null;
  readonly cause: string;
  readonly at: Date;
  /** The payment as its public JSON, right after the move: text, or the object itself. */
  readonly snapshot: string | object;
}

/** The event of a move. */
export function paymentEvent(move: PaymentMoved): PaymentEvent {
  const { paymentId, merchantId, sequence, status, snapshot } = move;
  const paymentIntent: unknown = typeof snapshot === 'string' ? JSON.parse(snapshot) : snapshot;
  // Not parsed against the schema: the row was written from the same view, and this runs for every event.
  return {
    specversion: '1.0',
    id: paymentEventId(paymentId, sequence),
    type: eventType(status),
    source: 'quittance',
    subject: paymentId,
    time: move.at.toISOString(),
    datacontenttype: 'application/json',
    data: {
      merchant: merchantId,
      sequence,
      payment_intent: paymentIntent,
      previous_status: move.previousStatus,
      cause: move.cause,
    },
  } as PaymentEvent;
}
