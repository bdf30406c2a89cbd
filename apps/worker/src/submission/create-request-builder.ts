// Builds the gateway's create request: opens the card, the terminal's key and the callback address,
// and encodes them. One of the two places where a card is in clear; the other seals it.
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

/** A request ready to be sent, and what goes with it. */
export interface BuiltRequest {
  readonly wire: WireRequest;
  /** The key that the token in the callback address was made with. */
  readonly callbackKid: string;
  /** What to store again if it provably never left: sealed to the key that is active now. */
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
   * The request, or why the card that the caller sealed can never be sent. Throws VaultError when
   * something does not open here that may open elsewhere or later.
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
 * Encodes the create call; the result holds the card (encrypted or not) and must not outlive the
 * attempt.
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
    returnUrl: payment.returnUrl,
    customer: wireCustomer(payment.customer),
    card: card ? wireCard(card) : undefined,
    sourceUrl: payment.sourceUrl ?? undefined,
  };
  return encodeCreate(request, terminal);
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
