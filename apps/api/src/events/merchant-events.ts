// Every event of a merchant, for whoever wants to catch up: a reader who goes on from `next` skips
// none.
import { Injectable } from '@nestjs/common';
import { type PaymentEvent, paymentEvent } from '@quittance/events';
import { EventList, type EventPosition, type ListedEvent } from '@quittance/persistence';
import type { Page } from '../paging.js';
import { cursorOf } from './list-events-query.js';

/** Where to begin, and how many. */
export interface EventsWanted {
  readonly after: EventPosition;
  readonly limit: number;
}

@Injectable()
export class MerchantEvents {
  constructor(private readonly events: EventList) {}

  /**
   * Oldest first. `next` is always there: at the end of the list it is where to ask again later.
   */
  async list(merchantId: string, { after, limit }: EventsWanted): Promise<Page<PaymentEvent>> {
    // One more than asked for says whether there is more.
    const found = await this.events.read(merchantId, after, limit + 1);
    const page = found.slice(0, limit);
    return {
      data: page.map((event) => eventOf(event, merchantId)),
      has_more: found.length > limit,
      next: cursorOf(page.at(-1)?.position ?? after),
    };
  }
}

function eventOf({ position, ...event }: ListedEvent, merchantId: string): PaymentEvent {
  const { paymentId, sequence } = position;
  return paymentEvent({ merchantId, paymentId, sequence, ...event });
}
