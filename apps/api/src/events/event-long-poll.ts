// Holds a response until a merchant has a new event.
import { Injectable } from '@nestjs/common';
import { ChangeSignal } from '@quittance/queues';
import { LongPoll, LongPollSlots } from '../payments/long-poll.js';
import { MerchantEvents, type ReadEvents } from './merchant-events.js';
import { cursorIn } from './list-events-query.js';

/** True when the page answers the request; false at the end of the list. */
export function hasNews({ page }: ReadEvents): boolean {
  return page.data.length > 0 || page.has_more;
}

/** Holds responses until a merchant's list of events has grown. */
@Injectable()
export class EventLongPoll extends LongPoll<ReadEvents> {
  constructor(events: MerchantEvents, changes: ChangeSignal, slots: LongPollSlots) {
    super((known) => events.readLatest(known.id, continued(known)), changes, slots, {
      readsAgain: true,
    });
  }
}

/** Events of other types need not be read a second time. */
function continued({ request, page }: ReadEvents): ReadEvents['request'] {
  return { ...request, after: cursorIn(page.next ?? '') ?? request.after };
}
