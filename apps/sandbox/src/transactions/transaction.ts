// Defines one row of the gateway's ledger, with everything that later replies need.

export interface Transaction {
  /** Up to 18 digits; a string, because it exceeds 2^53 (protocol §4.1). */
  readonly transId: string;
  /** The row's number: part of the id in the older server, and the order of insertion. */
  readonly rowNumber: number;
  /** The public key of its terminal, whose keys are looked up to encrypt a webhook. */
  readonly publicKey: string;
  /** The stored terminal number; the newer server overwrites it with the terminal's own (§1.2). */
  readonly terminalNumber: string;
  /** The scope of `unique_reference` (§11). */
  readonly merchant: string;
  readonly reference: string | null;
  /** A Java double; negative in refund and dispute rows (§8). */
  readonly amount: number;
  readonly currency: string | null;
  readonly productName: string | null;
  /** Undefined when it was never sent: status updates then fail (§1.2). Empty: no webhook. */
  readonly webhookUrl: string | undefined;
  readonly returnUrl: string | undefined;
  /** `s2s`, or `s2s_aes256` when webhooks are encrypted (§6.4). */
  readonly integrationType: string;
  /** The value that was sent; replies may show the brand instead (§3.1). */
  readonly mop: string | null;
  readonly brand: string | null;
  /** Only the digits that replies show; the rest of the number is never stored. */
  readonly card: {
    readonly first6: string;
    readonly last4: string;
    readonly length: number;
  } | null;
  /** `scheme://host[:port]/api/` of the create request, the base of its URLs (§4.2). */
  readonly baseUrl: string;
  readonly createdAt: Date;
  readonly payer: PayerDetails;
  /** Set on refund, chargeback and predispute rows: the payment they belong to. */
  readonly parentTransId: string | undefined;
  orderStatus: number;
  /** The acquirer's code; undefined while it has none. */
  acquirerStatus: number | undefined;
  response: string;
  /** True when money has moved, or a test card was approved, at any time. */
  charged: boolean;
  /** The number of refund requests that reached the gateway, dropped and rejected ones included. */
  refundRequests?: number;
  /** The amount of the accepted refund, partial or full, in `currency`. */
  refundAmount?: number;
}

/** The payer's data in the newer server's wide read model (§5.1). */
export interface PayerDetails {
  readonly fullName: string | null;
  readonly email: string | null;
  readonly phone: string | null;
}

/** Codes of payments that an acquirer charged, or a test card approved, now or earlier. */
const chargedCodes: ReadonlySet<number> = new Set([1, 3, 5, 7, 8, 9, 11, 25]);

/** Sets a row's code. A payment that was charged once stays marked. */
export function moveTo(transaction: Transaction, orderStatus: number, response: string): void {
  transaction.orderStatus = orderStatus;
  transaction.response = response;
  transaction.charged ||= countsAsCharge(orderStatus, transaction.parentTransId);
}

/**
 * True when a code counts as a charge. A refund or dispute row books money that has already moved,
 * so it is never a charge itself.
 */
export function countsAsCharge(orderStatus: number, parentTransId: string | undefined): boolean {
  return parentTransId === undefined && chargedCodes.has(orderStatus);
}

export function usesEncryptedWebhooks(transaction: Transaction): boolean {
  return transaction.integrationType.includes('_aes256');
}
