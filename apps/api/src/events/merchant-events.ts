// Lists every event of a merchant for a client that catches up. A reader that continues from `next`
// skips none: where retention has deleted one, it gets a 410.
import { Injectable } from '@nestjs/common';
import { eventOf, type PublishedEvent } from '@quittance/events';
import { EventList, type EventPage, type EventQuery } from '@quittance/persistence';
import { InvalidRequest } from '@quittance/platform';
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
   * position to ask from later. Rejects with 410 if an event after the cursor was deleted.
   */
  async list(merchantId: string, request: EventQuery): Promise<Page<PublishedEvent>> {
    return pageOf(merchantId, await this.events.read(merchantId, request));
  }

  /** Resolves with the page and its request, for a response that may be held. */
  async read(merchantId: string, request: EventQuery): Promise<ReadEvents> {
    return { id: merchantId, request, page: await this.list(merchantId, request) };
  }

  /** The same, with the newest events too: a read replica may lack them. */
  async readLatest(merchantId: string, request: EventQuery): Promise<ReadEvents> {
    const page = pageOf(merchantId, await this.events.readLatest(merchantId, request));
    return { id: merchantId, request, page };
  }
}

function pageOf(
  merchantId: string,
  { events, end, hasMore, isGone }: EventPage,
): Page<PublishedEvent> {
  if (isGone) throw eventsEnded(cursorOf(end));
  return {
    data: events.map((event) => eventOf({ merchantId, ...event })),
    has_more: hasMore,
    next: cursorOf(end),
  };
}

function eventsEnded(next: string): InvalidRequest {
  const message = 'Events after this cursor have ended and are no longer in the list.';
  const action =
    'Read your payments and refunds for what you missed, then continue with `next` of this problem as `after`, ' +
    'or begin without `after` at the oldest event that is left.';
  return new InvalidRequest('events_ended', `${message} ${action}`, {
    status: 410,
    errors: [{ path: 'after', code: 'events_ended', message }],
    next,
  });
}
