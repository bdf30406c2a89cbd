// Serves merchants' refund requests, and the dashboard actions of the gateway's staff (protocol §0,
// §8).
import { Controller, Get, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentGeneration } from '../generation/generation.js';
import { acquirerResponse } from '../acquirer/acquirer.js';
import { StatusUpdater } from '../status/status-updater.js';
import { Ledger } from '../transactions/ledger.js';
import { parseTransactionId } from '../transactions/transaction-id.js';
import { lookUpMap } from '../transactions/transaction-view.js';
import { moveTo, type Transaction } from '../transactions/transaction.js';
import { WebhookNotifier } from '../webhook/webhook-notifier.js';
import { Exchange, send } from '../exchange/exchange.js';
import { emptyReply, jsonReply, textReply, type GatewayReply } from '../wire/gateway-reply.js';
import { gatewayRequest } from '../wire/http-request.js';
import { readParameters, type Parameters } from '@quittance/gateway-protocol';
import { BackOffice, type BackOfficeAction } from './back-office.js';
import { dashboardEntity, searchReply } from './dashboard-view.js';
import { RefundRequests } from './refund-requests.js';

@Controller('api/transactions')
export class BackOfficeController {
  constructor(
    private readonly generation: CurrentGeneration,
    private readonly ledger: Ledger,
    private readonly refunds: RefundRequests,
    private readonly backOffice: BackOffice,
    private readonly updates: StatusUpdater,
    private readonly notifier: WebhookNotifier,
    private readonly exchange: Exchange,
  ) {}

  @Post('refund-request')
  requestRefund(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { path, body } = gatewayRequest(request);
    const transaction = this.ledger.find(fieldsOf(request).get('transID') ?? '');
    if (transaction) this.ledger.receiveRefund(transaction);
    const subject = { path, reference: transaction?.reference };
    return this.exchange.handle(reply, ['request'], subject, () =>
      this.refunds.request(body, request.ip),
    );
  }

  @Post('refund-accept')
  acceptRefund(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, this.#book(request, 'refund'));
  }

  @Post('chargeback')
  chargeBack(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, this.#bookDispute(request, 'chargeback'));
  }

  /** The gateway spells the path like this. */
  @Post('predisput')
  predispute(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, this.#bookDispute(request, 'predispute'));
  }

  @Get('search')
  search(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    send(reply, searchReply(fieldsOf(request), this.ledger, this.generation.behaviour));
  }

  @Get(':id')
  entity(@Res() reply: FastifyReply, @Param('id') id: string): void {
    const transaction = this.ledger.find(parseTransactionId(id) ?? '');
    send(reply, transaction ? jsonReply(200, dashboardEntity(transaction)) : emptyReply(404));
  }

  /** Stores any code, as the dashboard does, without a webhook (§5.3). */
  @Put('update/:id')
  edit(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): void {
    const transaction = this.ledger.find(parseTransactionId(id) ?? '');
    if (!transaction) return send(reply, emptyReply(404));
    const code = Number(fieldsOf(request).get('order_status') ?? Number.NaN);
    if (!Number.isInteger(code))
      return send(reply, textReply(400, 'Invalid number format in request'));
    moveTo(transaction, code, acquirerResponse(code));
    this.ledger.changed(transaction);
    send(reply, jsonReply(200, dashboardEntity(transaction)));
  }

  /** Sends a payment's webhook again, or `data` in its place (§6.2). Newer server only. */
  @Post('webhook/send')
  async sendWebhook(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const fields = fieldsOf(request);
    const transaction = this.ledger.find(fields.get('transID') ?? '');
    if (!transaction?.webhookUrl || !this.generation.behaviour.hasDisputes) {
      return send(reply, emptyReply(404));
    }
    const data = fields.get('data');
    const payload =
      data === undefined ? this.updates.mapOf(transaction, transaction.orderStatus) : parsed(data);
    await this.notifier.resend(transaction.webhookUrl, payload);
    send(reply, jsonReply(200, { status: 'sent' }));
  }

  #bookDispute(request: FastifyRequest, act: BackOfficeAction): GatewayReply {
    return this.generation.behaviour.hasDisputes ? this.#book(request, act) : emptyReply(404);
  }

  #book(request: FastifyRequest, act: BackOfficeAction): GatewayReply {
    const transaction = this.ledger.find(fieldsOf(request).get('transID') ?? '');
    if (!transaction) return emptyReply(404);
    if (!this.backOffice.allows(transaction, act))
      return textReply(400, `Transaction is not open for a ${act}`);
    const child = this.backOffice.book(transaction, act);
    return jsonReply(200, { ...this.#shown(transaction), child: this.#shown(child) });
  }

  #shown(transaction: Transaction): ReturnType<typeof lookUpMap> {
    return lookUpMap(transaction, this.generation.behaviour);
  }
}

function fieldsOf(request: FastifyRequest): Parameters {
  try {
    return readParameters(gatewayRequest(request));
  } catch {
    return new Map();
  }
}

/** Parses `data`, which may be any JSON or plain text. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return data;
  }
}
