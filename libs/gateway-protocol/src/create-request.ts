// Encodes the create call (protocol §1, §2): every parameter of the gateway's two reference pages
// under its exact name. Absent values are omitted, because the gateway treats an empty one as
// absent anyway. jqp, vqp and connector_id are the gateway's debug switches and are never sent.
import { encryptAes256, type Aes256Keys } from './aes256.js';
import { formatBillAmount, type MinorAmount } from './decimal.js';
import {
  formRequest,
  jsonRequest,
  parametersText,
  UNIQUE_REFERENCE,
  type WireParameters,
  type WireRequest,
} from './wire-request.js';

/** The gateway's payment modes (`mop`). */
export const paymentModes = ['CC', 'DC', 'NB', 'WALLET', 'UPICOLLECT', 'QRINTENT'] as const;

/** One of the gateway's payment modes. */
export type PaymentMode = (typeof paymentModes)[number];

/** The data of a terminal that the wire needs. */
export interface WireTerminal extends Aes256Keys {
  /** `terNO`. */
  readonly number: number;
  /** The create call that the terminal uses. */
  readonly protocol: 'encrypted' | 'plain';
  /** `encryption_method`: requests encrypted callbacks. Honoured in both protocols. */
  readonly callbacks: 'aes256' | 'none';
}

/** An unencrypted card. Lives only as long as the request is being built. */
export interface WireCard {
  readonly number: string;
  readonly cvv?: string | undefined;
  /** Two digits, "01". */
  readonly expiryMonth: string;
  /** Two digits, "30". */
  readonly expiryYear: string;
}

/** The payer, as far as known. */
export interface WireCustomer {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  /** `bill_ip`: the payer's address, which the gateway's block lists use. */
  readonly ip?: string | undefined;
  readonly address?: string | undefined;
  readonly city?: string | undefined;
  readonly state?: string | undefined;
  readonly zip?: string | undefined;
  /** ISO 3166 code. */
  readonly country?: string | undefined;
}

/** The payment to create. */
export interface CreateRequest {
  /**
   * Should contain a letter: the gateway reads a numeric reference as a transID in look-ups
   * (protocol §5.1).
   */
  readonly reference: string;
  /** Must have no `billAmountFault`. */
  readonly amount: MinorAmount;
  /** ISO 4217 code. */
  readonly currency: string;
  readonly productName: string;
  readonly method: PaymentMode;
  /**
   * The address for the gateway's callbacks; without it, later status updates crash at the gateway
   * (protocol §1.2).
   */
  readonly webhookUrl: string;
  /** The address to which the payer's browser returns. */
  readonly returnUrl: string;
  readonly customer?: WireCustomer | undefined;
  readonly card?: WireCard | undefined;
  readonly source?: string | undefined;
  readonly sourceUrl?: string | undefined;
}

/**
 * The paths of the create call. The server distinguishes the protocols by `encrypted_data`, not by
 * path.
 */
export type CreatePath = '/api/s2s' | '/api/s2s/encrypt';

/**
 * Encodes a create call in the terminal's protocol, and requests a unique reference where the
 * gateway honours it.
 * @throws RangeError for an amount that `bill_amt` cannot carry.
 */
export function encodeCreate(
  request: CreateRequest,
  terminal: WireTerminal,
): WireRequest<CreatePath> {
  const parameters = createParameters(request, terminal);
  return terminal.protocol === 'encrypted'
    ? encryptedCreate(parameters, request.reference, terminal)
    : jsonRequest('/api/s2s', { ...parameters, unique_reference: UNIQUE_REFERENCE });
}

function createParameters(request: CreateRequest, terminal: WireTerminal): WireParameters {
  const { customer, card } = request;
  return {
    public_key: terminal.publicKey,
    terNO: terminal.number,
    'integration-type': 's2s',
    bill_amt: formatBillAmount(request.amount),
    bill_currency: request.currency,
    product_name: request.productName,
    reference: request.reference,
    webhook_url: request.webhookUrl,
    return_url: request.returnUrl,
    bill_ip: customer?.ip,
    encryption_method: terminal.callbacks,
    mop: request.method,
    fullname: customer?.name,
    bill_email: customer?.email,
    bill_phone: customer?.phone,
    bill_address: customer?.address,
    bill_city: customer?.city,
    bill_state: customer?.state,
    bill_zip: customer?.zip,
    bill_country: customer?.country,
    ccno: card?.number,
    ccvv: card?.cvv,
    month: card?.expiryMonth,
    year: card?.expiryYear,
    source: request.source,
    source_url: request.sourceUrl,
  };
}

function encryptedCreate(
  parameters: WireParameters,
  reference: string,
  terminal: WireTerminal,
): WireRequest<CreatePath> {
  const ciphertext = encryptAes256(parametersText(parameters), terminal);
  return formRequest('/api/s2s/encrypt', {
    encrypted_data: ciphertext + terminal.publicKey,
    // Outside, because the server checks for duplicates before it decrypts (protocol §11).
    unique_reference: UNIQUE_REFERENCE,
    reference,
  });
}
