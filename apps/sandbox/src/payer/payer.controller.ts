// Leads the payer through the gateway: authurl, the chain of 307 redirects, the pages, and back to
// the shop (protocol §4.2).
import { All, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentGeneration } from '../generation/generation.js';
import { invalidTransId } from '../status/look-up.js';
import { Ledger } from '../transactions/ledger.js';
import { parseTransactionId } from '../transactions/transaction-id.js';
import { lookUpMap } from '../transactions/transaction-view.js';
import type { Transaction } from '../transactions/transaction.js';
import { send } from '../exchange/exchange.js';
import { htmlReply, jsonReply, redirectReply, type GatewayReply } from '../wire/gateway-reply.js';
import { gatewayRequest } from '../wire/http-request.js';
import { readParameters } from '@quittance/gateway-protocol';
import {
  awaitsPayer,
  payAddress,
  readAuthUrlToken,
  storedAuthUrl,
} from '../transactions/auth-url.js';
import { bankPage, otpPage, returnPage } from './payer-pages.js';

/** The bank's code for each button of its page. */
const bankDecisions: Readonly<Record<string, number>> = { approved: 1, declined: 2, cancelled: 23 };

@Controller()
export class PayerController {
  constructor(
    private readonly generation: CurrentGeneration,
    private readonly ledger: Ledger,
  ) {}

  @Get('api/authurl/:id')
  enter(@Res() reply: FastifyReply, @Param('id') id: string): void {
    const { behaviour } = this.generation;
    const token = behaviour.authUrlToken === 'plain' ? undefined : readAuthUrlToken(id);
    const transId = token ?? parseTransactionId(id);
    if (transId === undefined) return send(reply, invalidTransId(404));
    const transaction = this.ledger.find(transId);
    if (!transaction) return send(reply, notFound());
    send(reply, this.#entry(transaction));
  }

  /** Decodes authdata and redirects to its address. */
  @Get('api/authurl/auth_3ds/:id')
  followAuthData(@Res() reply: FastifyReply, @Param('id') id: string): void {
    const transaction = this.ledger.find(id);
    if (!transaction) return send(reply, notFound());
    if (!awaitsPayer(transaction))
      return send(reply, jsonReply(400, { error: 'authdata is missing' }));
    send(reply, redirectReply(payAddress(transaction)));
  }

  @All('api/authurl/test3dsecureauthentication/:id')
  testOtp(@Res() reply: FastifyReply, @Param('id') id: string): void {
    this.#sendPage(reply, id, otpPage);
  }

  /** The same page at the newer server's location, the OTP host. */
  @Get('otp-auth')
  otpHost(@Res() reply: FastifyReply, @Query('transID') id: string): void {
    this.#sendPage(reply, id, otpPage);
  }

  @Get('apm-payment-cruise')
  cruise(@Res() reply: FastifyReply, @Query('transID') id: string): void {
    const transaction = this.ledger.find(id);
    send(reply, transaction ? redirectReply(payAddress(transaction)) : notFound());
  }

  @Get('sandbox/bank/:id')
  bank(@Res() reply: FastifyReply, @Param('id') id: string): void {
    this.#sendPage(reply, id, bankPage);
  }

  /**
   * Records the payer's decision at the bank. The gateway learns it when the payer returns and the
   * gateway asks the bank.
   */
  @Post('sandbox/bank/:id')
  decide(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): void {
    const transaction = this.ledger.find(id);
    if (!transaction) return send(reply, notFound());
    const decision = readParameters(gatewayRequest(request)).get('decision') ?? '';
    const code = bankDecisions[decision];
    if (code === undefined) return send(reply, jsonReply(400, { error: 'unknown decision' }));
    transaction.acquirerStatus = code;
    this.ledger.changed(transaction);
    send(reply, redirectReply(`/api/status/transid/${transaction.transId}`, 303));
  }

  /** Serves a return_url for demos. */
  @All('sandbox/return')
  backAtTheShop(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const source = gatewayRequest(request);
    const page = returnPage(readParameters({ ...source, contentType: '' }), source.method);
    sendHtml(reply, htmlReply(page));
  }

  #entry(transaction: Transaction): GatewayReply {
    const { behaviour } = this.generation;
    if (awaitsPayer(transaction)) return redirectReply(storedAuthUrl(transaction, behaviour));
    // The server means to redirect to the result, but never fills in the address.
    if (transaction.orderStatus === 1 || transaction.orderStatus === 2) {
      return jsonReply(400, { error: 'authstatus is missing or invalid' });
    }
    return jsonReply(200, lookUpMap(transaction, behaviour));
  }

  #sendPage(reply: FastifyReply, id: string, page: (transaction: Transaction) => string): void {
    const transaction = this.ledger.find(id);
    if (!transaction) return send(reply, notFound());
    sendHtml(reply, htmlReply(page(transaction)));
  }
}

function notFound(): GatewayReply {
  return jsonReply(404, { error: 'Transaction not found' });
}

/**
 * Sends a page with its own style and script. `form-action` stays unset: browsers apply it to
 * redirects too, and the form ends at the merchant's return_url.
 */
function sendHtml(reply: FastifyReply, answer: GatewayReply): void {
  void reply.header(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
  );
  send(reply, answer);
}
