// What arrived at a callback address, before it is looked at.

/** A callback's body as it came, with the time. Holds secrets: never log or store it unsealed. */
export interface ReceivedBody {
  readonly paymentId: string;
  readonly contentType: string | undefined;
  readonly body: string;
  readonly receivedAt: Date;
}
