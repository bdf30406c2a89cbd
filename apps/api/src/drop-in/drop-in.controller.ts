// Serves the gateway's own addresses to services that were written for the gateway
// (docs/switching.md). Every request ends in the same intake as `POST /v1/payment-intents`.
import { Controller, Get, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { looksLikeCard } from '@quittance/cards';
import { reportedPayment, statusReplyOf } from '@quittance/gateway-protocol';
import { paymentIntentView } from '@quittance/payments';
import { type DropInPayment, DropIns } from '@quittance/persistence';
import { Conflict, InvalidRequest } from '@quittance/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AddressSettings, baseUrlOf, DropInSettings } from '../config.js';
import { IntakeCounter } from '../intake/intake-counter.js';
import { type Accepted, PaymentIntake } from '../intake/payment-intake.js';
import { disconnected, PaymentLongPoll } from '../payments/long-poll.js';
import { traceparentOf } from '../requests/traceparent.js';
import { GatewayFormFilter } from './gateway-form.filter.js';
import {
  AMOUNT_MISSING,
  AMOUNT_NOT_POSITIVE,
  faultyFields,
  GatewayRefusal,
  json,
  NOT_A_TRANS_ID,
  NOTHING_TO_AUTHENTICATE,
  referenceExists,
  sendReply,
  TRANSACTION_NOT_FOUND,
} from './gateway-reply.js';
import { RequestOpener } from './open-request.js';
import { gatewayName, translate } from './payment-body.js';
import { hasSubmissionEnded, replyOf } from './payment-reply.js';

const TRANS_ID = /^\d{1,19}$/;

@Controller('api')
@UseFilters(GatewayFormFilter)
export class DropInController {
  constructor(
    private readonly opener: RequestOpener,
    private readonly dropIns: DropIns,
    private readonly intake: PaymentIntake,
    private readonly counter: IntakeCounter,
    private readonly longPoll: PaymentLongPoll,
    private readonly settings: DropInSettings,
    private readonly addresses: AddressSettings,
  ) {}

  /** Accepts a payment and waits for the gateway's reply. */
  @Post(['s2s', 's2s/encrypt'])
  @RouteConfig({ takesBytes: true })
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { payment, terminalName, isReplayed } = await this.#accept(request, reply);
    if (isReplayed) reply.header('idempotent-replayed', 'true');
    const { record } = await this.longPoll.awaitChange(payment, {
      until: hasSubmissionEnded,
      seconds: this.settings.waitMs / 1_000,
      disconnected: disconnected(reply),
      keyId: payment.terminalId,
    });
    sendReply(reply, replyOf(record, terminalName, this.#apiUrl));
  }

  /** The read-only status (protocol §5.1): never calls the gateway. */
  @Get('authurl/s2s/:transId')
  async status(
    @Param('transId') transId: string,
    @Req() { callerAddress }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!TRANS_ID.test(transId)) return sendReply(reply, NOT_A_TRANS_ID);
    const found = await this.#ofTransaction(transId);
    const isVisible = found?.dropIn.mayCall(callerAddress) === true;
    const reported =
      found && isVisible
        ? reportedPayment(paymentIntentView(found.payment, found.dropIn.terminalName))
        : undefined;
    sendReply(reply, json(200, reported ? statusReplyOf(reported, this.#apiUrl) : {}));
  }

  /** Sends the payer's browser to the gateway's page while the payer has to act (protocol §4.2). */
  @Get('authurl/:transId')
  async authenticate(@Param('transId') transId: string, @Res() reply: FastifyReply): Promise<void> {
    if (!TRANS_ID.test(transId)) return sendReply(reply, NOT_A_TRANS_ID);
    const found = await this.#ofTransaction(transId);
    if (!found) return sendReply(reply, TRANSACTION_NOT_FOUND);
    const { next_action: action } = paymentIntentView(found.payment, found.dropIn.terminalName);
    if (!action) return sendReply(reply, NOTHING_TO_AUTHENTICATE);
    reply.code(307).header('location', action.url).send();
  }

  /** A card number in place of an id reaches no statement; ids of the gateway begin with a 1. */
  async #ofTransaction(transId: string): Promise<DropInPayment | undefined> {
    return looksLikeCard(transId) ? undefined : this.dropIns.ofTransaction(transId);
  }

  get #apiUrl(): string {
    return `${baseUrlOf(this.addresses)}/api/`;
  }

  async #accept(request: FastifyRequest, reply: FastifyReply): Promise<Accepted> {
    const { dropIn, parameters } = await this.opener.open(request, reply);
    const amount = parameters.get('bill_amt')?.trim() ?? '';
    if (amount === '') throw new GatewayRefusal(AMOUNT_MISSING);
    if (Number(amount) <= 0) throw new GatewayRefusal(AMOUNT_NOT_POSITIVE);
    const { merchantId } = dropIn;
    const translated = translate(parameters, dropIn);
    const callerIp = request.callerAddress;
    const traceparent = traceparentOf(request);
    const accepting = this.intake.accept({ merchantId, callerIp, traceparent, ...translated });
    try {
      return await this.counter.counted(accepting, 'drop_in');
    } catch (error) {
      throw refusalOf(error, parameters.get('reference') ?? '');
    }
  }
}

/** Returns a fault of the intake in the gateway's form; another error as it is. */
function refusalOf(error: unknown, reference: string): unknown {
  if (error instanceof InvalidRequest && error.errors) {
    const faults = error.errors.map((fault) => ({ ...fault, path: gatewayName(fault.path) }));
    return new GatewayRefusal(faultyFields(faults));
  }
  if (error instanceof Conflict) {
    const differing = (error.errors ?? []).map(({ path }) => gatewayName(path));
    return new GatewayRefusal(referenceExists(reference, differing));
  }
  return error;
}
