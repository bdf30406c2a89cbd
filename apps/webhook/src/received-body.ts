// The body of a callback before it is decoded.

/**
 * A callback's body as it arrived, with the time. It contains secrets: never log it, and store it
 * only encrypted.
 */
export interface ReceivedBody {
  readonly paymentId: string;
  readonly contentType: string | undefined;
  readonly body: string;
  readonly receivedAt: Date;
}
