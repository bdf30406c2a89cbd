// Serves `GET /v1/events`: the merchant's events, for a subscriber that lost some or is new.
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import type { PublishedEvent } from '@quittance/events';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { MerchantCaller } from '../access/api-keys.js';
import { CurrentCaller, RequireScope } from '../access/access.guard.js';
import type { Page } from '../paging.js';
import { Pressure } from '../pressure/pressure.js';
import { disconnected, preferredWaitSeconds } from '../payments/long-poll.js';
import { EventLongPoll, hasNews } from './event-long-poll.js';
import { cursorIn, LIST_START, listEventsQuery } from './list-events-query.js';
import { MerchantEvents } from './merchant-events.js';

@Controller('v1/events')
export class EventsController {
  constructor(
    private readonly events: MerchantEvents,
    private readonly longPoll: EventLongPoll,
    private readonly pressure: Pressure,
  ) {}

  @Get()
  @RequireScope('payments:read')
  async list(
    @Query({ schema: listEventsQuery })
    { after, limit, type: types }: z.infer<typeof listEventsQuery>,
    @CurrentCaller() { merchantId, keyId }: MerchantCaller,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Page<PublishedEvent>> {
    this.pressure.admit('events');
    const cursor = after === undefined ? undefined : cursorIn(after);
    const request = { after: cursor ?? LIST_START, limit, types };
    const read = await this.events.read(merchantId, request);
    const seconds = preferredWaitSeconds(prefer);
    if (seconds === undefined) return read.page;
    // A signal may have come before a replica has what it announced.
    const latest = hasNews(read) ? read : await this.events.readLatest(merchantId, request);
    const { record, isHeld } = await this.longPoll.awaitChange(latest, {
      until: hasNews,
      seconds,
      disconnected: disconnected(reply),
      keyId,
    });
    if (isHeld) reply.header('preference-applied', 'wait');
    return record.page;
  }
}
