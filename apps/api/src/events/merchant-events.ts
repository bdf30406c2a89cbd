// Lists every event of a merchant for a client that catches up. A reader that continues from `next`
// skips none.
import { Injectable } from '@nestjs/common';
import { type PaymentEvent, paymentEvent } from '@quittance/events';
import { EventList, type EventPosition, type ListedEvent } from '@quittance/persistence';
import type { Page } from '../paging.js';
import { cursorOf } from './list-events-query.js';

/** The start position and the size of a page. */
export interface EventPageRequest {
  readonly after: EventPosition;
  readonly limit: number;
}

@Injectable()
export class MerchantEvents {
  constructor(private readonly events: EventList) {}

  /**
   * Resolves with events, oldest first. `next` is always present: at the end of the list it is the
   * position to ask from later.
   */
  async list(merchantId: string, { after, limit }: EventPageRequest): Promise<Page<PaymentEvent>> {
    // One more row than requested shows whether there are more.
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
