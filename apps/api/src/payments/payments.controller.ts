// Serves existing payments: read, long poll, list, cancel, history.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { loadHistory, PrismaService } from '@quittance/persistence';
import type { PaymentIntentView } from '@quittance/payments';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { MerchantCaller } from '../access/api-keys.js';
import { CurrentCaller, RequireScope } from '../access/access.guard.js';
import type { Page } from '../paging.js';
import { Pressure } from '../pressure/pressure.js';
import { emptyBody } from '../requests/expected-body.js';
import { PaymentLongPoll, disconnected, preferredWaitSeconds } from './long-poll.js';
import { PaymentCancellation } from './payment-cancellation.js';
import { PaymentListing, type ListPaymentsQuery, listPaymentsQuery } from './payment-listing.js';
import { MerchantPayments } from './merchant-payments.js';
import { knownVersionQuery } from './known-version-query.js';
import { timelineView, type TimelineView } from './timeline.view.js';

@Controller('v1/payment-intents')
export class PaymentsController {
  constructor(
    private readonly merchantPayments: MerchantPayments,
    private readonly longPoll: PaymentLongPoll,
    private readonly paymentListing: PaymentListing,
    private readonly paymentCancellation: PaymentCancellation,
    private readonly prisma: PrismaService,
    private readonly pressure: Pressure,
  ) {}

  @Get()
  @RequireScope('payments:read')
  list(
    @Query({ schema: listPaymentsQuery }) query: ListPaymentsQuery,
    @CurrentCaller() { merchantId }: MerchantCaller,
  ): Promise<Page<PaymentIntentView>> {
    this.pressure.admit('list');
    return this.paymentListing.list(merchantId, query);
  }

  @Get(':id')
  @RequireScope('payments:read')
  async read(
    @Param('id') id: string,
    @Query({ schema: knownVersionQuery }) { version }: z.infer<typeof knownVersionQuery>,
    @CurrentCaller() { merchantId, keyId }: MerchantCaller,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PaymentIntentView> {
    const { payment } = await this.merchantPayments.load(merchantId, id);
    const seconds = preferredWaitSeconds(prefer);
    if (seconds === undefined) return this.merchantPayments.view(payment);
    const known = version ?? payment.version;
    const { record, isHeld } = await this.longPoll.awaitChange(payment, {
      until: (looked) => looked.version > known,
      seconds,
      disconnected: disconnected(reply),
      keyId,
    });
    if (isHeld) reply.header('preference-applied', 'wait');
    return this.merchantPayments.view(record);
  }

  @Get(':id/timeline')
  @RequireScope('payments:read')
  async timeline(
    @Param('id') id: string,
    @CurrentCaller() { merchantId }: MerchantCaller,
  ): Promise<TimelineView> {
    const { payment } = await this.merchantPayments.load(merchantId, id);
    return timelineView(payment.id, await loadHistory(this.prisma, payment.id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequireScope('payments:write')
  async cancel(
    @Param('id') id: string,
    @Body(emptyBody) _nothing: undefined,
    @CurrentCaller() { merchantId }: MerchantCaller,
  ): Promise<PaymentIntentView> {
    const loaded = await this.merchantPayments.load(merchantId, id);
    const terminalName = await this.merchantPayments.terminalNameOf(loaded.payment);
    const cancelled = await this.paymentCancellation.cancel(loaded, terminalName);
    return this.merchantPayments.view(cancelled);
  }
}
