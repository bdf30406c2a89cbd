// Serves the status endpoints: the read-only look-up, the updating ones, and the acquirer's
// callback (protocol §5).
import { All, Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentGeneration } from '../generation/generation.js';
import { readAuthUrlToken } from '../transactions/auth-url.js';
import { returnRedirect } from '../transactions/return-url.js';
import { Ledger } from '../transactions/ledger.js';
import { parseTransactionId } from '../transactions/transaction-id.js';
import type { Transaction } from '../transactions/transaction.js';
import { Exchange } from '../exchange/exchange.js';
import { jsonReply, type GatewayReply } from '../wire/gateway-reply.js';
import { gatewayRequest } from '../wire/http-request.js';
import { readParameters, type Parameters } from '@quittance/gateway-protocol';
import { invalidTransId, lookUp } from './look-up.js';
import { MissingWebhookUrl, StatusUpdater, type StatusUpdate } from './status-updater.js';

interface UpdateEndpoint {
  readonly notFound: (transId: string) => GatewayReply;
  readonly answer: (transaction: Transaction, update: StatusUpdate) => GatewayReply;
}

@Controller('api')
export class StatusController {
  constructor(
    private readonly generation: CurrentGeneration,
    private readonly ledger: Ledger,
    private readonly updates: StatusUpdater,
    private readonly exchange: Exchange,
  ) {}

  /** Never calls the acquirer and never sends a webhook (§5.1). */
  @Get('authurl/s2s/:id')
  readOnly(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const { ledger, generation } = this;
    const found = lookUp(id, ledger, generation.behaviour);
    const subject = { path: gatewayRequest(request).path, reference: found.transaction?.reference };
    return this.exchange.handle(reply, ['request', 'inquiry'], subject, (fault) => {
      if (fault?.fault === 'empty_on_inquiry') return jsonReply(200, {});
      if (fault?.fault === 'somebody_else_on_inquiry') return found.asOtherPayment();
      return found.reply;
    });
  }

  /**
   * Updates the payment and redirects the payer, or returns JSON without a return_url. A `transID`
   * field overrides the path.
   */
  @All('status/transid/:id')
  withRedirect(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const fields = fieldsOf(request);
    return this.#update(request, reply, fields.get('transID') ?? id, fields, {
      notFound: () => jsonReply(404, { error: 'Transaction not found' }),
      answer: ({ returnUrl }, { map }) => returnRedirect(returnUrl, map) ?? jsonReply(200, map),
    });
  }

  @Post('status/s2s/transid/:id')
  asJson(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    return this.#update(request, reply, id, fieldsOf(request), {
      notFound: () => jsonReply(404, { error: 'S2S status response not found' }),
      answer: (_transaction, { map }) => jsonReply(200, map),
    });
  }

  /** Ignores its Authorization header. */
  @Get('status/s2s/admin/:id')
  asAdmin(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    return this.#update(request, reply, id, fieldsOf(request), {
      notFound: (transID) => jsonReply(404, { error: 'S2S status response not found', transID }),
      answer: ({ response }, { map }) =>
        jsonReply(200, { ...map, connector_response_msg: response, gateway_response: null }),
    });
  }

  /** The reactive variant passes on a null exchange, and so has never worked (inferred). */
  @All('status/webflux/transid/:id')
  reactive(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const subject = { path: gatewayRequest(request).path, reference: undefined };
    return this.exchange.handle(reply, ['request'], subject, () =>
      internalError('Cannot invoke "ServerWebExchange.getRequest()" because "exchange" is null'),
    );
  }

  /**
   * Receives the acquirer's callback: `transID` and `order_status`, by form, query or JSON, then
   * the same update.
   */
  @All(['status/webhook/:connector', 'status/webhook/:connector/transid/:id'])
  fromAcquirer(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string | undefined,
  ): Promise<void> {
    const fields = fieldsOf(request);
    const transId = fields.get('transID') ?? id ?? '';
    const code = Number(fields.get('order_status') ?? Number.NaN);
    const transaction = this.ledger.find(transId);
    if (transaction && Number.isInteger(code)) transaction.acquirerStatus = code;
    return this.#update(request, reply, transId, fields, {
      notFound: () => jsonReply(404, { error: 'Transaction not found' }),
      answer: (_transaction, { map }) => jsonReply(200, map),
    });
  }

  #update(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string,
    fields: Parameters,
    endpoint: UpdateEndpoint,
  ): Promise<void> {
    const transId = this.#readId(id);
    const transaction = transId === undefined ? undefined : this.ledger.find(transId);
    const subject = { path: gatewayRequest(request).path, reference: transaction?.reference };
    return this.exchange.handle(reply, ['request', 'update'], subject, async (fault) => {
      // The read-only look-up answers this error with 404; here it is a 200.
      if (transId === undefined) return invalidTransId(200);
      if (!transaction) return endpoint.notFound(transId);
      if (fault?.fault === 'status_not_stored') {
        const map = this.updates.mapOf(transaction, fault.orderStatus ?? 1);
        return endpoint.answer(transaction, { map, isStored: false });
      }
      try {
        const update = await this.updates.update(transaction, {
          testAuth: fields.get('test_auth'),
        });
        return endpoint.answer(transaction, update);
      } catch (error) {
        if (error instanceof MissingWebhookUrl) return internalError(error.message);
        throw error;
      }
    });
  }

  /**
   * Returns the id. It is decrypted only if it looks encrypted; a token without padding does not
   * (§4.2).
   */
  #readId(id: string): string | undefined {
    const isToken = this.generation.behaviour.statusReadsTokens && /[=%+]/.test(id);
    return isToken ? readAuthUrlToken(id) : parseTransactionId(id);
  }
}

/**
 * Returns the fields of query, form or JSON. An unreadable body has no fields; these endpoints need
 * none.
 */
function fieldsOf(request: FastifyRequest): Parameters {
  try {
    return readParameters(gatewayRequest(request));
  } catch {
    return new Map();
  }
}

function internalError(message: string): GatewayReply {
  return jsonReply(500, { error: 'Internal server error in status update', message });
}
