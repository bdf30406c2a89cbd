// Serves `GET /v1/events`: the merchant's events, for a subscriber that lost some or is new.
import { Controller, Get, Query } from '@nestjs/common';
import type { PaymentEvent } from '@quittance/events';
import type { z } from 'zod';
import type { MerchantCaller } from '../access/api-keys.js';
import { CurrentCaller, RequireScope } from '../access/access.guard.js';
import type { Page } from '../paging.js';
import { LIST_START, listEventsQuery, positionAt } from './list-events-query.js';
import { MerchantEvents } from './merchant-events.js';

@Controller('v1/events')
export class EventsController {
  constructor(private readonly events: MerchantEvents) {}

  @Get()
  @RequireScope('payments:read')
  list(
    @Query({ schema: listEventsQuery }) { after, limit }: z.infer<typeof listEventsQuery>,
    @CurrentCaller() { merchantId }: MerchantCaller,
  ): Promise<Page<PaymentEvent>> {
    const position = after === undefined ? undefined : positionAt(after);
    return this.events.list(merchantId, { after: position ?? LIST_START, limit });
  }
}
