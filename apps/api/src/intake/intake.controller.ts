// `POST /v1/payment-intents`: the answer says what is durable. 202 accepted, 200 when there is more
// to tell.
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { type Payment, type PaymentIntentView, paymentIntentView } from '@quittance/payments';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MerchantCaller } from '../access/api-keys.js';
import { CurrentCaller, RequireScope } from '../access/access.guard.js';
import { AwaitPayment, hungUp, preferredWaitSeconds } from '../payments/long-poll.js';
import { needed } from '../requests/expected-body.js';
import { AcceptPayment } from './accept-payment.js';
import { IntakeCounter } from './intake-counter.js';

@Controller('v1/payment-intents')
export class IntakeController {
  constructor(
    private readonly acceptPayment: AcceptPayment,
    private readonly awaitPayment: AwaitPayment,
    private readonly counter: IntakeCounter,
  ) {}

  @Post()
  @HttpCode(202)
  @RequireScope('payments:write')
  async create(
    @Body(needed) body: unknown,
    @CurrentCaller() { merchantId, keyId }: MerchantCaller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PaymentIntentView> {
    const accepted = await this.counter.counted(
      this.acceptPayment.accept({ merchantId, body, callerIp: request.callerAddress }),
    );
    const { terminalName, isReplayed } = accepted;
    if (isReplayed) reply.code(200).header('idempotent-replayed', 'true');
    const seconds = preferredWaitSeconds(request.headers['prefer']);
    if (seconds === undefined) return paymentIntentView(accepted.payment, terminalName);
    const { record: payment } = await this.awaitPayment.awaitChange(accepted.payment, {
      until: hasGatewayAnswered,
      seconds,
      hungUp: hungUp(reply),
      keyId,
    });
    if (hasGatewayAnswered(payment)) reply.code(200).header('preference-applied', 'wait');
    return paymentIntentView(payment, terminalName);
  }
}

/**
 * Whether the submission is over, one way or the other: an answer came, none came in time, or it
 * was cancelled.
 */
function hasGatewayAnswered({ status }: Payment): boolean {
  return status !== 'queued' && status !== 'submitting';
}
