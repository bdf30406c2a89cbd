// Serves `/return/<payment>`: the gateway sends the payer's browser here (protocol §6.5), and the
// browser goes on to the shop by GET with the signed status. The page believes nothing of what the
// browser brings; it asks the gateway by an inquiry.
import { Controller, Get, Param, Post, Res, UseFilters } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { decide, isEnded, type Payment } from '@quittance/payments';
import { type LoadedPayment, Payments } from '@quittance/persistence';
import { Clock, crashPoint, idPattern, InvalidRequest } from '@quittance/platform';
import { KeySet, returnToken } from '@quittance/vault';
import type { FastifyReply } from 'fastify';
import { disconnected, PaymentLongPoll } from '../payments/long-poll.js';
import { MerchantPayments } from '../payments/merchant-payments.js';
import { ReturnPageFilter } from './return-page.filter.js';

const ID = idPattern('pi');
/** Most inquiries take a second. A payer who waits longer believes that the payment has failed. */
const WAIT_SECONDS = 5;

@Controller('return')
@UseFilters(ReturnPageFilter)
export class ReturnsController {
  constructor(
    private readonly payments: Payments,
    private readonly views: MerchantPayments,
    private readonly longPoll: PaymentLongPoll,
    private readonly keys: KeySet,
    private readonly clock: Clock,
  ) {}

  /** A browser that comes from a bank. */
  @Get(':id')
  arrive(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    return this.#sendOn(id, reply);
  }

  /** A browser that repeats its POST of the gateway's form, whose fields are ignored. */
  @Post(':id')
  @RouteConfig({ takesBytes: true })
  arriveByForm(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    return this.#sendOn(id, reply);
  }

  async #sendOn(id: string, reply: FastifyReply): Promise<void> {
    const loaded = ID.test(id) ? await this.payments.load(id) : undefined;
    if (!loaded || loaded.payment.returnPage === null)
      throw InvalidRequest.notFound('This address belongs to no payment. Go back to the shop.');
    const payment = await this.#settled(loaded, reply);
    reply
      .code(303)
      .header('location', await this.#shopAddress(payment))
      .header('cache-control', 'no-store')
      // The address of this page names the payment.
      .header('referrer-policy', 'no-referrer')
      .send();
  }

  async #settled(loaded: LoadedPayment, reply: FastifyReply): Promise<Payment> {
    const { payment } = loaded;
    if (isEnded(payment.status)) return payment;
    await this.#requestInquiry(loaded);
    const { record } = await this.longPoll.awaitChange(payment, {
      until: ({ status }) => isEnded(status),
      seconds: WAIT_SECONDS,
      disconnected: disconnected(reply),
      keyId: payment.id,
    });
    return record;
  }

  /**
   * A payer's return is as good a hint as a callback that cannot be read, and limited like one.
   * While an inquiry is due within the pause, a page that is loaded again writes nothing.
   */
  async #requestInquiry(loaded: LoadedPayment): Promise<void> {
    const terminalName = await this.views.terminalNameOf(loaded.payment);
    await this.payments.apply(loaded, ({ payment }) => {
      const decision = decide(payment, { cause: 'callback', report: null }, this.clock.now());
      const { hintedAt, nextStepAt } = decision.next;
      if (hintedAt === payment.hintedAt && nextStepAt === payment.nextStepAt) return undefined;
      crashPoint('return.before-commit');
      return { before: payment, decision, terminalName };
    });
    crashPoint('return.after-commit');
  }

  async #shopAddress(payment: Payment): Promise<string> {
    const view = await this.views.view(payment);
    const { reference, order_id, status, version, amount, currency, livemode } = view;
    const token = await returnToken(
      { reference, order_id, status, version, amount, currency, livemode },
      { paymentId: payment.id, merchantId: payment.merchantId, now: this.clock.now() },
      this.keys,
    );
    const { returnUrl } = payment;
    const joint = returnUrl.includes('?') ? '&' : '?';
    return `${returnUrl}${joint}payment_intent=${payment.id}&status_token=${token}`;
  }
}
