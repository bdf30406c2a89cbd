// Builds the gateway's create request: decrypts the card and the terminal's key, makes the callback
// address and encodes all three. One of the two files that hold a card in plaintext; the other
// encrypts it.
import { Injectable } from '@nestjs/common';
import { readCallerCard } from '@quittance/cards';
import {
  type CreateRequest,
  encodeCreate,
  type WireCard,
  type WireCustomer,
  type WireRequest,
  type WireTerminal,
} from '@quittance/gateway-protocol';
import {
  type CardRefusal,
  currencyExponent,
  type Customer,
  type Payment,
} from '@quittance/payments';
import { TerminalKeys } from '@quittance/modules';
import type { Terminal } from '@quittance/persistence';
import { Clock } from '@quittance/platform';
import { callbackToken, type Card, KeySet, openStoredCard, resealCard } from '@quittance/vault';
import { GatewaySettings } from '../config.js';
import type { UnsentPayment } from './fence.js';

/** A request ready to send, with the values to store beside it. */
export interface BuiltRequest {
  readonly wire: WireRequest;
  /** The id of the key that the token in the callback address was made with. */
  readonly callbackKid: string;
  /** The card to store again if the request provably never left, encrypted with the active key. */
  readonly sealedCard: string | null;
}

@Injectable()
export class CreateRequestBuilder {
  constructor(
    private readonly terminalKeys: TerminalKeys,
    private readonly keys: KeySet,
    private readonly clock: Clock,
    private readonly settings: GatewaySettings,
  ) {}

  /**
   * Resolves with the request, or with the reason why the caller's encrypted card can never be
   * sent. Rejects with VaultError when a value cannot be decrypted here but may be elsewhere or
   * later.
   */
  async build(
    { payment, sealedCard }: UnsentPayment,
    terminal: Terminal,
  ): Promise<BuiltRequest | CardRefusal> {
    const card = sealedCard === null ? null : await this.#open(sealedCard, payment.id, terminal);
    if (typeof card === 'string') return card;
    const { kid, token } = callbackToken(payment.id, this.keys);
    const wire = createCall(payment, card, {
      terminal: await this.terminalKeys.open(terminal),
      webhookUrl: `${this.settings.callbackUrl}/callbacks/${payment.id}.${token}`,
    });
    const context = { paymentId: payment.id, keys: this.keys };
    const resealed = sealedCard === null ? null : await resealCard(sealedCard, context);
    return { wire, callbackKid: kid, sealedCard: resealed };
  }

  #open(stored: string, paymentId: string, { mode }: Terminal): Promise<Card | CardRefusal> {
    return openStoredCard(stored, {
      paymentId,
      keys: this.keys,
      readCallerCard: (value) => readCallerCard(value, { now: this.clock.now(), mode }),
    });
  }
}

/**
 * Encodes the create request. The result contains the card, encrypted or not, and must not outlive
 * the attempt.
 */
function createCall(
  payment: Payment,
  card: Card | null,
  { terminal, webhookUrl }: { terminal: WireTerminal; webhookUrl: string },
): WireRequest {
  const request: CreateRequest = {
    reference: payment.reference,
    amount: { minor: payment.amountMinor, exponent: currencyExponent(payment.currency) ?? 2 },
    currency: payment.currency,
    productName: payment.productName,
    method: payment.method,
    webhookUrl,
    returnUrl: returnAddress(payment),
    customer: wireCustomer(payment.customer),
    card: card ? wireCard(card) : undefined,
    sourceUrl: payment.sourceUrl ?? undefined,
  };
  return encodeCreate(request, terminal);
}

/** The page to which the gateway sends the payer: ours or the shop's. */
function returnAddress({ id, returnUrl, returnPage }: Payment): string {
  return returnPage === null ? returnUrl : `${returnPage}/return/${id}`;
}

function wireCustomer({ name, email, phone, ip, address }: Customer): WireCustomer {
  return {
    name,
    email,
    phone,
    ip,
    address: address?.line1,
    city: address?.city,
    state: address?.state,
    zip: address?.postalCode,
    country: address?.country,
  };
}

function wireCard({ number, cvv, expMonth, expYear }: Card): WireCard {
  return {
    number: number.cardInClear(),
    cvv: cvv.cardInClear(),
    expiryMonth: expMonth,
    expiryYear: expYear,
  };
}
