// Lists every event of a merchant for a client that catches up. A reader that continues from `next`
// skips none.
import { Injectable } from '@nestjs/common';
import { eventOf, type PublishedEvent } from '@quittance/events';
import { EventList, type EventQuery } from '@quittance/persistence';
import type { Page } from '../paging.js';
import { cursorOf } from './list-events-query.js';

/** A page of events, and the request it answers. */
export interface ReadEvents {
  /** The merchant's id, by which new events are signalled. */
  readonly id: string;
  readonly request: EventQuery;
  readonly page: Page<PublishedEvent>;
}

@Injectable()
export class MerchantEvents {
  constructor(private readonly events: EventList) {}

  /**
   * Resolves with events, oldest first. `next` is always present: at the end of the list it is the
   * position to ask from later.
   */
  async list(merchantId: string, request: EventQuery): Promise<Page<PublishedEvent>> {
    const { events, end, hasMore } = await this.events.read(merchantId, request);
    return {
      data: events.map((event) => eventOf({ merchantId, ...event })),
      has_more: hasMore,
      next: cursorOf(end),
    };
  }

  /** Resolves with the page and its request, for a response that may be held. */
  async read(merchantId: string, request: EventQuery): Promise<ReadEvents> {
    return { id: merchantId, request, page: await this.list(merchantId, request) };
  }
}
