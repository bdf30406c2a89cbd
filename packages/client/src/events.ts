// Events of all payments and refunds of the merchant, oldest first (docs/api.md, Events).
import type { components } from './api.js';
import { type Page, pagesOf } from './pages.js';
import { pause } from './pause.js';
import type { CallOptions } from './payments.js';
import type { Transport } from './transport.js';

export type PaymentEvent = components['schemas']['PaymentEvent'];
export type RefundEvent = components['schemas']['RefundEvent'];
/** An event of a payment, or of a refund: then `data.refund` is present. */
export type QuittanceEvent = components['schemas']['Event'];

/** True for the event of a refund. */
export function isRefundEvent(event: QuittanceEvent): event is RefundEvent {
  return 'refund' in event.data;
}

export interface EventsOptions extends CallOptions {
  /** The cursor to continue after: `next` of the last page that was processed. */
  readonly after?: string;
  /** Events a page, 1 to 100. */
  readonly limit?: number;
  /** Only events of these types: types and patterns such as `refund.*`. Default all. */
  readonly types?: readonly string[];
  /** True to wait for new events at the end, until `signal` aborts. Default false. */
  readonly follow?: boolean;
  /**
   * Pause before the next look at the end when the api does not hold the response, in milliseconds.
   * Default 1,000.
   */
  readonly pauseMs?: number;
}

const PAUSE_MS = 1_000;
const HELD_SECONDS = 25;

export class EventsClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Pages of events. Store `next` in the transaction that processes the page, and pass it as
   * `after` when the process starts again: no event is skipped, and none of an earlier page is
   * repeated. Rejects with the problem `events_ended` where events were deleted because of their
   * age: read the payments and refunds, then call again with its `next` as `after`.
   */
  async *pages(options: EventsOptions = {}): AsyncGenerator<Page<QuittanceEvent>, void, undefined> {
    const { limit, types, follow = false, pauseMs = PAUSE_MS, signal } = options;
    const filters = { limit, type: types?.join(',') };
    const waitSeconds = follow ? HELD_SECONDS : undefined;
    let { after } = options;
    for (;;) {
      const startedAt = performance.now();
      let isEmpty = true;
      const list = { path: '/v1/events', filters, after, waitSeconds, signal };
      for await (const page of pagesOf<QuittanceEvent>(this.#transport, list)) {
        after = page.next ?? after;
        if (page.data.length === 0) continue;
        isEmpty = false;
        yield page;
      }
      if (!follow) return;
      // Too many responses are held, or the api stops: it answered at once.
      if (isEmpty) await pause(Math.max(0, pauseMs - (performance.now() - startedAt)), signal);
    }
  }

  /** The events one by one. For consumers that keep no position. */
  async *list(options: EventsOptions = {}): AsyncGenerator<QuittanceEvent, void, undefined> {
    for await (const page of this.pages(options)) yield* page.data;
  }
}
