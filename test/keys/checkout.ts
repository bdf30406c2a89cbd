// A merchant's checkout over a running stack: cards in clear, cards it sealed as the documents show, and wallets, whose approval comes
// as a callback. Who judges is the sandbox's ledger.
import { Orders, PaymentsApi, type PaymentView, Sandbox } from '../support/clients.js';
import { documentedSealCard, type SealCard } from '../support/documented-snippet.js';
import type { TestStack } from '../support/processes.js';

/** A test card that is approved at once (protocol §10), and only where its number is read right: the others end otherwise. */
const CARD = { number: '4012000033330026', cvv: '123', exp_month: '01', exp_year: '30' };

/** How the payer pays. */
export const KINDS = ['card', 'card_jwe', 'wallet'] as const;
export type Kind = (typeof KINDS)[number];

/** One payment to be made. */
export interface Purchase {
  readonly kind: Kind;
  readonly reference: string;
  /** A terminal's name (`tools/stack/keys.ts`). */
  readonly terminal: string;
  /** Sealed before, for `card_jwe`; otherwise it is sealed now. */
  readonly sealed?: string;
}

/** What became of a payment, by everybody's books. */
export interface Booked {
  readonly reference: string;
  readonly requests: number;
  readonly charges: number;
  readonly order: string;
}

export class Checkout {
  readonly #api: PaymentsApi;
  readonly #orders: Orders;
  readonly #sandbox: Sandbox;
  readonly #apiUrl: string;

  private constructor(
    { stack: { urls }, merchant }: TestStack,
    private sealCard: SealCard,
  ) {
    this.#api = new PaymentsApi(urls.api, merchant.apiKey);
    this.#orders = new Orders(urls.orders);
    this.#sandbox = new Sandbox(urls.sandbox);
    this.#apiUrl = urls.api;
  }

  static async open(testStack: TestStack): Promise<Checkout> {
    return new Checkout(testStack, await documentedSealCard());
  }

  /** As if the five minutes were over for which a caller may hold the key that it seals to. */
  async forgetKey(): Promise<void> {
    this.sealCard = await documentedSealCard();
  }

  /** The card as `card_jwe` for one reference. */
  seal(reference: string): Promise<string> {
    return this.sealCard(CARD, reference, this.#apiUrl);
  }

  /** The payment as it was accepted; an Error with status and body when it was refused. */
  async accept(purchase: Purchase): Promise<PaymentView> {
    const { reference, terminal } = purchase;
    const { payment } = await this.#api.create({
      reference,
      terminal,
      amount: '11.11',
      currency: 'EUR',
      product_name: 'Two tickets',
      return_url: this.#sandbox.returnUrl,
      customer: { name: 'Dev Tech', email: 'dev@example.com', ip: '203.0.113.7' },
      ...(await this.#means(purchase)),
    });
    return payment;
  }

  async #means({ kind, reference, sealed }: Purchase): Promise<Readonly<Record<string, unknown>>> {
    switch (kind) {
      case 'card':
        return { method: 'CC', card: CARD };
      case 'card_jwe':
        return { method: 'CC', card_jwe: sealed ?? (await this.seal(reference)) };
      case 'wallet':
        return { method: 'WALLET' };
    }
  }

  /** Accepted, approved and charged. */
  async pay(purchase: Purchase): Promise<PaymentView> {
    const payment = await this.accept(purchase);
    if (purchase.kind === 'wallet') await this.approve(payment);
    return this.reaches(payment, 'succeeded');
  }

  /** The acquirer's approval, which comes to us as a callback to the payment's address. */
  async approve(payment: PaymentView): Promise<void> {
    const { gateway } = await this.reaches(payment, 'requires_action');
    await this.#sandbox.settle(gateway?.trans_id ?? '', '1');
  }

  /** The payment once it is there; an Error that tells where it stopped when it is not within 30 s. */
  reaches({ id }: PaymentView, status: string): Promise<PaymentView> {
    return this.#api.until(id, (payment) => payment.status === status, status);
  }

  /** What the gateway's book says of an ended payment, and the order domain once it has heard of that end. */
  async booked({ reference, version }: PaymentView): Promise<Booked> {
    const { data, received } = await this.#sandbox.ledger(reference);
    const order = await this.#orders.until(reference, version);
    return {
      reference,
      requests: received.length,
      charges: data.filter(({ charged }) => charged).length,
      order: order.payment_status,
    };
  }
}
