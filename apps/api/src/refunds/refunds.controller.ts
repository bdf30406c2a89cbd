// Serves refunds: request and read.
import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { type RefundView, refundView } from '@quittance/payments';
import { Refunds } from '@quittance/persistence';
import { idPattern, InvalidRequest } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MerchantCaller } from '../access/api-keys.js';
import { CurrentCaller, RequireScope } from '../access/access.guard.js';
import { disconnected, preferredWaitSeconds } from '../payments/long-poll.js';
import { MerchantPayments } from '../payments/merchant-payments.js';
import { requiredBody } from '../requests/expected-body.js';
import { RefundLongPoll, hasSubmissionEnded } from './refund-long-poll.js';
import { RefundIntake } from './refund-intake.js';

const ID = idPattern('re');

@Controller('v1')
export class RefundsController {
  constructor(
    private readonly merchantPayments: MerchantPayments,
    private readonly refundIntake: RefundIntake,
    private readonly longPoll: RefundLongPoll,
    private readonly refunds: Refunds,
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
    const requested = await this.refundIntake.request(payment, body);
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

  @Get('refunds/:id')
  @RequireScope('payments:read')
  async read(
    @Param('id') id: string,
    @CurrentCaller() { merchantId }: MerchantCaller,
  ): Promise<RefundView> {
    const loaded = ID.test(id) ? await this.refunds.load(id) : undefined;
    if (loaded?.refund.merchantId !== merchantId)
      throw InvalidRequest.notFound('There is no refund with this id.');
    return refundView(loaded.refund);
  }
}
