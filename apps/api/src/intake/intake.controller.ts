// Serves `POST /v1/payment-intents`. The response states what is durable: 202 for an accepted
// payment, 200 for a known one or one with a result.
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { type Payment, type PaymentIntentView, paymentIntentView } from '@quittance/payments';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MerchantCaller } from '../access/api-keys.js';
import { CurrentCaller, RequireScope } from '../access/access.guard.js';
import { PaymentLongPoll, disconnected, preferredWaitSeconds } from '../payments/long-poll.js';
import { requiredBody } from '../requests/expected-body.js';
import { traceparentOf } from '../requests/traceparent.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import { PaymentIntake } from './payment-intake.js';
import { IntakeCounter } from './intake-counter.js';

@Controller('v1/payment-intents')
export class IntakeController {
  constructor(
    private readonly paymentIntake: PaymentIntake,
    private readonly longPoll: PaymentLongPoll,
    private readonly counter: IntakeCounter,
  ) {}

  @Post()
  @HttpCode(202)
  @RequireScope('payments:write')
  async create(
    @Body(requiredBody) body: unknown,
    @CurrentCaller() { merchantId, keyId }: MerchantCaller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PaymentIntentView> {
    const accepted = await this.counter.counted(
      this.paymentIntake.accept({
        merchantId,
        body,
        callerIp: request.callerAddress,
        idempotencyKey: idempotencyKeyOf(request.headers['idempotency-key']),
        traceparent: traceparentOf(request),
      }),
      'http',
    );
    const { terminalName, isReplayed } = accepted;
    if (isReplayed) reply.code(200).header('idempotent-replayed', 'true');
    const seconds = preferredWaitSeconds(request.headers['prefer']);
    if (seconds === undefined) return paymentIntentView(accepted.payment, terminalName);
    const { record: payment } = await this.longPoll.awaitChange(accepted.payment, {
      until: hasSubmissionEnded,
      seconds,
      disconnected: disconnected(reply),
      keyId,
    });
    if (hasSubmissionEnded(payment)) reply.code(200).header('preference-applied', 'wait');
    return paymentIntentView(payment, terminalName);
  }
}

/** True when the submission has ended: with a reply, with a timeout, or by cancellation. */
function hasSubmissionEnded({ status }: Payment): boolean {
  return status !== 'queued' && status !== 'submitting';
}
