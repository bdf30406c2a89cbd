// A merchant's checkout over a running stack: cards in clear, cards encrypted by the documented
// code, and wallets, whose approval comes as a callback. The sandbox's ledger judges.
import { Orders, PaymentsApi, type PaymentView, Sandbox } from '../support/clients.js';
import { documentedSealCard, type SealCard } from '../support/documented-snippet.js';
import type { TestStack } from '../support/processes.js';

/**
 * A test card that is approved at once (protocol §10), and only if its number arrives unchanged:
 * the others end otherwise.
 */
const CARD = { number: '4012000033330026', cvv: '123', exp_month: '01', exp_year: '30' };

/** The means of payment. */
export const KINDS = ['card', 'card_jwe', 'wallet'] as const;
export type Kind = (typeof KINDS)[number];

/** One payment to be made. */
export interface Purchase {
  readonly kind: Kind;
  readonly reference: string;
  /** A terminal's name (`tools/stack/terminals.ts`). */
  readonly terminal: string;
  /** Encrypted before, for `card_jwe`; without it the card is encrypted now. */
  readonly sealed?: string;
}

/** A payment in the gateway's ledger and in the order domain. */
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

  /** As if the five minutes were over for which a caller may cache the encryption key. */
  async forgetKey(): Promise<void> {
    this.sealCard = await documentedSealCard();
  }

  /** The card as `card_jwe` for one reference. */
  seal(reference: string): Promise<string> {
    return this.sealCard(CARD, reference, this.#apiUrl);
  }

  /** The payment as accepted; rejects with status and body when it is not. */
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

  /** Approves the payment as the acquirer; a callback to the payment's address follows. */
  async approve(payment: PaymentView): Promise<void> {
    const { gateway } = await this.reaches(payment, 'requires_action');
    await this.#sandbox.settle(gateway?.trans_id ?? '', '1');
  }

  /** The payment once it is `status`; rejects with its last status after 30 s. */
  reaches({ id }: PaymentView, status: string): Promise<PaymentView> {
    return this.#api.until(id, (payment) => payment.status === status, status);
  }

  /**
   * The ended payment in the gateway's ledger, and in the order domain once it has the event of
   * that end.
   */
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

/** The load's checkout and terminals, and the beginning of its references. */
export interface Load {
  readonly checkout: Checkout;
  readonly name: string;
  readonly terminals: readonly string[];
}

/**
 * Does the work while payments of each kind flow, one of a kind at a time. Each kind is paid over
 * each terminal before the work begins and again after its end, so that the load depends on no
 * time. Resolves with the payments, all succeeded; rejects with the first error of the work or of a
 * payment.
 */
export async function whilePaying(
  { checkout, name, terminals }: Load,
  work: () => Promise<unknown>,
): Promise<readonly PaymentView[]> {
  const paid: PaymentView[] = [];
  let count = 0;
  let isOver = false;
  const round = async (kind: Kind): Promise<void> => {
    for (const terminal of terminals) {
      count += 1;
      paid.push(await checkout.pay({ kind, terminal, reference: `${name}-${count}` }));
    }
  };
  const lane = async (kind: Kind): Promise<void> => {
    while (!isOver) await round(kind);
  };
  await Promise.all(KINDS.map(round));
  const working = work().finally(() => (isOver = true));
  await Promise.all([working, ...KINDS.map(lane)]);
  await Promise.all(KINDS.map(round));
  return paid;
}
