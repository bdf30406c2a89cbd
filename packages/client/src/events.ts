// Events of all payments of the merchant, oldest first (docs/api.md, Events).
import type { components } from './api.js';
import { type Page, pagesOf } from './pages.js';
import { pause } from './pause.js';
import type { CallOptions } from './payments.js';
import type { Transport } from './transport.js';

export type PaymentEvent = components['schemas']['Event'];

export interface EventsOptions extends CallOptions {
  /** The cursor to continue after: `next` of the last page that was processed. */
  readonly after?: string;
  /** Events a page, 1 to 100. */
  readonly limit?: number;
  /** True to wait for new events at the end, until `signal` aborts. Default false. */
  readonly follow?: boolean;
  /** Pause between two looks at the end, in milliseconds. Default 1,000. */
  readonly pauseMs?: number;
}

const PAUSE_MS = 1_000;

export class EventsClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Pages of events. Store `next` in the transaction that processes the page, and pass it as
   * `after` when the process starts again: no event is skipped, and none of an earlier page is
   * repeated.
   */
  async *pages(options: EventsOptions = {}): AsyncGenerator<Page<PaymentEvent>, void, undefined> {
    const { limit, follow = false, pauseMs = PAUSE_MS, signal } = options;
    let { after } = options;
    for (;;) {
      const list = { path: '/v1/events', filters: { limit }, after, signal };
      for await (const page of pagesOf<PaymentEvent>(this.#transport, list)) {
        after = page.next ?? after;
        if (page.data.length > 0) yield page;
      }
      if (!follow) return;
      await pause(pauseMs, signal);
    }
  }

  /** The events one by one. For consumers that keep no position. */
  async *list(options: EventsOptions = {}): AsyncGenerator<PaymentEvent, void, undefined> {
    for await (const page of this.pages(options)) yield* page.data;
  }
}
