// Serves refunds: request, read, long poll, list.
import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { type Refund, type RefundView, refundView } from '@quittance/payments';
import { Refunds } from '@quittance/persistence';
import { idPattern, InvalidRequest } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { MerchantCaller } from '../access/api-keys.js';
import { CurrentCaller, RequireScope } from '../access/access.guard.js';
import type { Page } from '../paging.js';
import { knownVersionQuery } from '../payments/known-version-query.js';
import { disconnected, preferredWaitSeconds } from '../payments/long-poll.js';
import { MerchantPayments } from '../payments/merchant-payments.js';
import { Pressure } from '../pressure/pressure.js';
import { requiredBody } from '../requests/expected-body.js';
import { traceparentOf } from '../requests/traceparent.js';
import { RefundLongPoll, hasSubmissionEnded } from './refund-long-poll.js';
import { RefundIntake } from './refund-intake.js';
import {
  listPaymentRefundsQuery,
  listRefundsQuery,
  type ListRefundsQuery,
  RefundListing,
} from './refund-listing.js';

const ID = idPattern('re');

@Controller('v1')
export class RefundsController {
  constructor(
    private readonly merchantPayments: MerchantPayments,
    private readonly refundIntake: RefundIntake,
    private readonly refundListing: RefundListing,
    private readonly longPoll: RefundLongPoll,
    private readonly refunds: Refunds,
    private readonly pressure: Pressure,
  ) {}

  @Post('payment-intents/:id/refunds')
  @HttpCode(202)
  @RequireScope('refunds:write')
  async create(
    @Param('id') id: string,
    @Body(requiredBody) body: unknown,
    @CurrentCaller() { merchantId, keyId }: MerchantCaller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RefundView> {
    const { payment } = await this.merchantPayments.load(merchantId, id);
    const requested = await this.refundIntake.request(payment, body, traceparentOf(request));
    if (requested.isReplayed) reply.code(200).header('idempotent-replayed', 'true');
    const seconds = preferredWaitSeconds(request.headers['prefer']);
    if (seconds === undefined) return refundView(requested.refund);
    const { record: refund } = await this.longPoll.awaitChange(requested.refund, {
      until: hasSubmissionEnded,
      seconds,
      disconnected: disconnected(reply),
      keyId,
    });
    if (hasSubmissionEnded(refund)) reply.code(200).header('preference-applied', 'wait');
    return refundView(refund);
  }

  @Get('payment-intents/:id/refunds')
  @RequireScope('payments:read')
  async listOfPayment(
    @Param('id') id: string,
    @Query({ schema: listPaymentRefundsQuery }) query: z.infer<typeof listPaymentRefundsQuery>,
    @CurrentCaller() { merchantId }: MerchantCaller,
  ): Promise<Page<RefundView>> {
    const { payment } = await this.merchantPayments.load(merchantId, id);
    return this.refundListing.list(merchantId, { ...query, payment_intent: payment.id });
  }

  @Get('refunds')
  @RequireScope('payments:read')
  list(
    @Query({ schema: listRefundsQuery }) query: ListRefundsQuery,
    @CurrentCaller() { merchantId }: MerchantCaller,
  ): Promise<Page<RefundView>> {
    this.pressure.admit('list');
    return this.refundListing.list(merchantId, query);
  }

  @Get('refunds/:id')
  @RequireScope('payments:read')
  async read(
    @Param('id') id: string,
    @Query({ schema: knownVersionQuery }) { version }: z.infer<typeof knownVersionQuery>,
    @CurrentCaller() { merchantId, keyId }: MerchantCaller,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RefundView> {
    const refund = await this.#load(merchantId, id);
    const seconds = preferredWaitSeconds(prefer);
    if (seconds === undefined) return refundView(refund);
    const known = version ?? refund.version;
    const { record, isHeld } = await this.longPoll.awaitChange(refund, {
      until: (looked) => looked.version > known,
      seconds,
      disconnected: disconnected(reply),
      keyId,
    });
    if (isHeld) reply.header('preference-applied', 'wait');
    return refundView(record);
  }

  async #load(merchantId: string, id: string): Promise<Refund> {
    const loaded = ID.test(id) ? await this.refunds.load(id) : undefined;
    if (loaded?.refund.merchantId !== merchantId)
      throw InvalidRequest.notFound('There is no refund with this id.');
    return loaded.refund;
  }
}
