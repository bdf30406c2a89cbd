// One payment: read it, wait for it.
import { Controller, Get, Headers, Param, Query, Res, Inject } from '@nestjs/common';
import type { PaymentIntentView } from '@quittance/payments';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Caller } from '../access/api-keys.js';
import { FromCaller, Needs } from '../access/access.guard.js';
import { AwaitPayment } from './await-payment.js';
import { hungUp } from './hung-up.js';
import { MerchantPayments } from './merchant-payments.js';
import { preferredWaitSeconds } from './prefer-wait.js';

const VERSION_MAX = 2 ** 31 - 1;

export const readPaymentQuery = z.strictObject({
  version: z
    .string()
    .regex(/^\d{1,10}$/, 'Must be a whole number.')
    .transform(Number)
    .pipe(z.number().max(VERSION_MAX))
    .optional(),
});

@Controller('v1/payment-intents')
export class PaymentsController {
  constructor(
    @Inject(MerchantPayments) private readonly merchantPayments: MerchantPayments,
    @Inject(AwaitPayment) private readonly awaitPayment: AwaitPayment,
  ) {}

  @Get(':id')
  @Needs('payments:read')
  async read(
    @Param('id') id: string,
    @Query({ schema: readPaymentQuery }) { version }: z.infer<typeof readPaymentQuery>,
    @FromCaller() { merchantId }: Caller,
    @Headers('prefer') prefer: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PaymentIntentView> {
    const { payment } = await this.merchantPayments.load(merchantId, id);
    const seconds = preferredWaitSeconds(prefer);
    if (seconds === undefined) return this.merchantPayments.view(payment);
    const known = version ?? payment.version;
    reply.header('preference-applied', 'wait');
    const changed = await this.awaitPayment.awaitChange(payment, {
      until: (current) => current.version > known,
      seconds,
      hungUp: hungUp(reply),
    });
    return this.merchantPayments.view(changed);
  }
}
