// Refunds: request, read, wait for, list.
import type { components, operations } from './api.js';
import { pagesOf } from './pages.js';
import type { CallOptions, HeldCallOptions } from './payments.js';
import type { Transport } from './transport.js';

export type Refund = components['schemas']['Refund'];
export type CreateRefund = components['schemas']['CreateRefund'];

export type RefundStatus = Refund['status'];

/** Filters of a list. `limit` is the size of a page, 1 to 100. */
export type ListRefunds = Omit<
  NonNullable<operations['listRefunds']['parameters']['query']>,
  'after'
>;

export interface WaitForRefundOptions extends CallOptions {
  /**
   * When to return. Default: the refund is final, in doubt, or `pending` again after its request.
   */
  readonly until?: (refund: Refund) => boolean;
  /** Limit in milliseconds. Default 60,000. */
  readonly timeoutMs?: number;
}

const HELD_SECONDS = 25;
const WAIT_MS = 60_000;
/** The version of a refund that was requested and not sent yet. */
const FIRST_VERSION = 1;

export class RefundsClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Requests a refund, or returns the one that its reference already has. Rejects with
   * `state_conflict` unless the payment succeeded, with `refund_exists` while it has another
   * refund, and with `reference_conflict` for other content under the reference.
   */
  create(
    paymentId: string,
    request: CreateRefund,
    { waitSeconds, signal }: HeldCallOptions = {},
  ): Promise<Refund> {
    const path = `/v1/payment-intents/${encodeURIComponent(paymentId)}/refunds`;
    return this.#transport.json({ method: 'POST', path, body: request, waitSeconds, signal });
  }

  /** A refund as it is now; with `waitSeconds` after its next transition. */
  get(id: string, { waitSeconds, signal }: HeldCallOptions = {}): Promise<Refund> {
    return this.#transport.json({ method: 'GET', path: pathOf(id), waitSeconds, signal });
  }

  /**
   * The refund once `until` holds, or as it is when the limit is over: check its status. Uses long
   * polling. By default a refund that the gateway has accepted is returned, as `pending`:
   * completing it is a manual step there, which may take days.
   */
  async wait(id: string, options: WaitForRefundOptions = {}): Promise<Refund> {
    const { until = hasBeenTried, timeoutMs = WAIT_MS, signal } = options;
    const deadline = performance.now() + timeoutMs;
    let refund = await this.get(id, { ...(signal && { signal }) });
    while (!until(refund)) {
      const leftSeconds = Math.ceil((deadline - performance.now()) / 1_000);
      if (leftSeconds <= 0) break;
      refund = await this.#transport.json<Refund>({
        method: 'GET',
        path: pathOf(id),
        query: { version: refund.version },
        waitSeconds: Math.min(leftSeconds, HELD_SECONDS),
        signal,
      });
    }
    return refund;
  }

  /** All refunds that match, newest first, page by page. */
  async *list(
    filters: ListRefunds = {},
    { signal }: CallOptions = {},
  ): AsyncGenerator<Refund, void, undefined> {
    const path = '/v1/refunds';
    for await (const page of pagesOf<Refund>(this.#transport, { path, filters, signal })) {
      yield* page.data;
    }
  }
}

const pathOf = (id: string) => `/v1/refunds/${encodeURIComponent(id)}`;

function hasBeenTried({ status, version }: Refund): boolean {
  return status === 'pending' ? version > FIRST_VERSION : status !== 'submitting';
}
