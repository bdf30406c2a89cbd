// One row of the gateway's own state, with what later requests need to answer from it.

export interface Transaction {
  /** Up to 18 digits; a string, because it exceeds 2^53 (protocol §4.1). */
  readonly transId: string;
  /** The row's number: part of the id in the older server, and the order of insertion. */
  readonly rowNumber: number;
  /** Which terminal it belongs to; its keys are looked up when a webhook is encrypted. */
  readonly publicKey: string;
  /** As stored: overwritten by the terminal's own in the newer server (§1.2). */
  readonly terminalNumber: string;
  /** The scope of `unique_reference` (§11). */
  readonly merchant: string;
  readonly reference: string | null;
  /** A Java double; negative in refund and dispute rows (§8). */
  readonly amount: number;
  readonly currency: string | null;
  readonly productName: string | null;
  /** Undefined when never sent: status updates then crash (§1.2). Empty: no webhook. */
  readonly webhookUrl: string | undefined;
  readonly returnUrl: string | undefined;
  /** `s2s`, or `s2s_aes256` when webhooks are encrypted (§6.4). */
  readonly integrationType: string;
  /** As sent; replies may show the brand instead (§3.1). */
  readonly mop: string | null;
  readonly brand: string | null;
  /** Only what replies show; the rest of the number is never kept. */
  readonly card: {
    readonly first6: string;
    readonly last4: string;
    readonly length: number;
  } | null;
  /** `scheme://host[:port]/api/` of the create request: what its URLs were built on (§4.2). */
  readonly baseUrl: string;
  readonly createdAt: Date;
  readonly payer: PayerDetails;
  /** Set on refund, chargeback and predispute rows: the payment they belong to. */
  readonly parentTransId: string | undefined;
  orderStatus: number;
  /** What the acquirer says when asked; undefined as long as it has no opinion. */
  acquirerStatus: number | undefined;
  response: string;
  /** Whether money moved, or a test card was approved, at any time. */
  charged: boolean;
  /** Refund requests that reached the gateway for it, also those it dropped or refused. */
  refundRequests?: number;
  /** The amount of the refund it accepted: a part or the whole, in `currency`. */
  refundAmount?: number;
}

/** What the wide read model of the newer server tells about the payer (§5.1). */
export interface PayerDetails {
  readonly fullName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
}

/** Codes that stand for money taken, by an acquirer or by a test card, now or earlier. */
const chargedCodes: ReadonlySet<number> = new Set([1, 3, 5, 7, 8, 9, 11, 25]);

/** Moves a row to a code; a payment that was charged once stays marked, whatever becomes of it. */
export function moveTo(transaction: Transaction, orderStatus: number, response: string): void {
  transaction.orderStatus = orderStatus;
  transaction.response = response;
  transaction.charged ||= countsAsCharge(orderStatus, transaction.parentTransId);
}

/** A refund or dispute row books money that already moved, so it is never a charge of its own. */
export function countsAsCharge(orderStatus: number, parentTransId: string | undefined): boolean {
  return parentTransId === undefined && chargedCodes.has(orderStatus);
}

export function usesEncryptedWebhooks(transaction: Transaction): boolean {
  return transaction.integrationType.includes('_aes256');
}
