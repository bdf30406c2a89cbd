// Clients of the public API and of the order domain, as a merchant has, and of the sandbox's own
// paths.
import { setTimeout as pause } from 'node:timers/promises';

const WAIT_SECONDS = 5;
const STATUS_LIMIT_MS = 30_000;
const ORDERS_LIMIT_MS = 20_000;
const POLL_MS = 50;

/** `T` is what api.md says of the body. */
async function readJson<T>(response: Response, what: string): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${what}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

/** The members of a payment intent (api.md) that the demo looks at. */
export interface PaymentView {
  readonly id: string;
  readonly reference: string;
  readonly status: string;
  readonly version: number;
  readonly refunded_amount: string;
  readonly next_action: { readonly url: string } | null;
  readonly gateway: {
    readonly trans_id: string | null;
    readonly order_status: string | null;
  } | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** The members of a refund that the demo looks at. */
export interface RefundView {
  readonly id: string;
  readonly status: string;
  readonly doubt_reason: string | null;
}

/** An order as the order domain shows it (api.md "Events"). */
export interface OrderView {
  readonly reference: string;
  readonly payment_intent_id: string;
  readonly payment_status: string;
  readonly sequence: number;
  readonly events: readonly OrderEventView[];
  readonly refunds: readonly {
    readonly reference: string;
    readonly status: string;
    readonly events: readonly OrderEventView[];
  }[];
}

interface OrderEventView {
  readonly id: string;
  readonly type: string;
  readonly sequence: number;
}

/**
 * The sandbox's own book of a reference: its transactions, and every create request it received.
 */
export interface LedgerView {
  readonly data: readonly {
    readonly transID: string;
    readonly charged: boolean;
    readonly order_status: string;
    readonly refund_requests: number;
    readonly refund_amt: string | null;
  }[];
  readonly received: readonly unknown[];
}

/** The public API, with a merchant's key. */
export class PaymentsApi {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, apiKey: string) {
    this.#url = `${url}/v1/payment-intents`;
    this.#headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  }

  async create(
    request: Readonly<Record<string, unknown>>,
  ): Promise<{ httpStatus: number; replayed: boolean; payment: PaymentView }> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify(request),
    });
    const payment = await readJson<PaymentView>(response, 'create');
    const replayed = response.headers.get('idempotent-replayed') === 'true';
    return { httpStatus: response.status, replayed, payment };
  }

  /** True while the merchant has no payment. */
  async isEmpty(): Promise<boolean> {
    const response = await fetch(`${this.#url}?limit=1`, { headers: this.#headers });
    return (await readJson<{ data: readonly unknown[] }>(response, 'list')).data.length === 0;
  }

  /**
   * Asks for a refund, of everything where `amount` is null, and waits until the gateway has
   * answered.
   */
  async refund(
    id: string,
    { reference, amount }: { readonly reference: string; readonly amount: string | null },
  ): Promise<RefundView> {
    const response = await fetch(`${this.#url}/${id}/refunds`, {
      method: 'POST',
      headers: { ...this.#headers, prefer: `wait=${WAIT_SECONDS}` },
      body: JSON.stringify({ reference, ...(amount !== null && { amount }) }),
    });
    return readJson(response, 'refund');
  }

  async get(id: string, newerThan?: number): Promise<PaymentView> {
    const newer = newerThan === undefined ? '' : `?version=${newerThan}`;
    const headers = newer ? { ...this.#headers, prefer: `wait=${WAIT_SECONDS}` } : this.#headers;
    return readJson(await fetch(`${this.#url}/${id}${newer}`, { headers }), 'get');
  }

  /**
   * The payment once `isReached` holds for it; an Error that tells where it stopped when it does
   * not in time.
   */
  async until(
    id: string,
    isReached: (payment: PaymentView) => boolean,
    what: string,
  ): Promise<PaymentView> {
    const deadline = Date.now() + STATUS_LIMIT_MS;
    let payment = await this.get(id);
    while (!isReached(payment)) {
      if (Date.now() > deadline) throw new Error(`stayed ${payment.status}, never ${what}`);
      payment = await this.get(id, payment.version);
    }
    return payment;
  }
}

/** The reference order domain. */
export class Orders {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The order once the order domain has heard event number `sequence` of its payment. */
  async until(reference: string, sequence: number): Promise<OrderView> {
    const deadline = Date.now() + ORDERS_LIMIT_MS;
    for (;;) {
      const response = await fetch(`${this.#url}/orders/${encodeURIComponent(reference)}`);
      const order = response.ok ? ((await response.json()) as OrderView) : undefined;
      if (order !== undefined && order.sequence >= sequence) return order;
      if (Date.now() > deadline) {
        throw new Error(`the order domain has heard ${order?.payment_status ?? 'nothing'} so far`);
      }
      if (!response.ok) await response.body?.cancel();
      await pause(POLL_MS);
    }
  }
}

/** The sandbox's own paths (api.md). */
export class Sandbox {
  readonly #url: string;

  constructor(url: string) {
    this.#url = `${url}/sandbox`;
  }

  async #post(path: string, body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'POST', headers, body: JSON.stringify(body) };
    return readJson(await fetch(`${this.#url}/${path}`, options), path);
  }

  /** The address that a payer's browser returns to. */
  get returnUrl(): string {
    return `${this.#url}/return`;
  }

  /** The acquirer decides: moves the transaction and sends the callback. */
  settle(transID: string, orderStatus: string): Promise<unknown> {
    return this.#post('settle', { transID, order_status: orderStatus });
  }

  /** Switches the generation that it simulates (protocol, first section). */
  simulate(generation: 'doc' | 'a' | 'b'): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const options = { method: 'PUT', headers, body: JSON.stringify({ generation }) };
    return fetch(`${this.#url}/generation`, options).then((answer) =>
      readJson(answer, 'generation'),
    );
  }

  /** The gateway's back office completes the refund that was asked for. */
  async completeRefund(transID: string): Promise<unknown> {
    const response = await fetch(new URL('/api/transactions/refund-accept', this.#url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ transID }),
    });
    return readJson(response, 'refund-accept');
  }

  /** Scripts what happens to the next matching requests. */
  fault(fault: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.#post('faults', fault);
  }

  /** The ids of all transactions. */
  async transIds(): Promise<readonly string[]> {
    const all: LedgerView = await readJson(await fetch(`${this.#url}/ledger`), 'ledger');
    return all.data.map(({ transID }) => transID);
  }

  /** The gateway's own book of a reference. */
  async ledger(reference: string): Promise<LedgerView> {
    const response = await fetch(`${this.#url}/ledger?reference=${encodeURIComponent(reference)}`);
    return readJson(response, 'ledger');
  }
}
