// `GET /v1/events`: the merchant's events again, for a subscriber that lost some or is new.
import { Controller, Get, Inject, Query } from '@nestjs/common';
import type { PaymentEvent } from '@quittance/events';
import { z } from 'zod';
import type { Caller } from '../access/api-keys.js';
import { FromCaller, Needs } from '../access/access.guard.js';
import { limitQuery, type Page } from '../paging.js';
import { LIST_START, positionAt } from './event-cursor.js';
import { MerchantEvents } from './merchant-events.js';

export const listEventsQuery = z.strictObject({
  limit: limitQuery,
  after: z
    .string()
    .max(200)
    .refine((cursor) => positionAt(cursor) !== undefined, {
      params: { code: 'invalid_cursor' },
      error: 'Must be the "next" of an earlier answer.',
    })
    .optional()
    .meta({ description: 'Continue after an earlier page: its `next`.' }),
});

@Controller('v1/events')
export class EventsController {
  constructor(@Inject(MerchantEvents) private readonly events: MerchantEvents) {}

  @Get()
  @Needs('payments:read')
  list(
    @Query({ schema: listEventsQuery }) { after, limit }: z.infer<typeof listEventsQuery>,
    @FromCaller() { merchantId }: Caller,
  ): Promise<Page<PaymentEvent>> {
    const position = after === undefined ? undefined : positionAt(after);
    return this.events.list(merchantId, { after: position ?? LIST_START, limit });
  }
}
