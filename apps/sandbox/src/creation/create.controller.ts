// Serves the create endpoints. Both paths share one handler; the body determines whether the
// request is encrypted (protocol §0).
import { All, Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentGeneration } from '../generation/generation.js';
import { SandboxSettings } from '../config.js';
import { Terminals } from '../transactions/terminals.js';
import { Ledger } from '../transactions/ledger.js';
import { Exchange, send } from '../exchange/exchange.js';
import { jsonReply } from '../wire/gateway-reply.js';
import { baseUrl, gatewayRequest } from '../wire/http-request.js';
import { PaymentCreation } from './payment-creation.js';
import { openRequest } from './open-request.js';

@Controller('api')
export class CreateController {
  constructor(
    private readonly settings: SandboxSettings,
    private readonly generation: CurrentGeneration,
    private readonly terminals: Terminals,
    private readonly ledger: Ledger,
    private readonly creation: PaymentCreation,
    private readonly exchange: Exchange,
  ) {}

  @All('s2s')
  create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> | void {
    const source = gatewayRequest(request);
    const { behaviour } = this.generation;
    if (request.method === 'OPTIONS' && behaviour.hasEncryption) {
      return send(reply, jsonReply(200, { status: 'ok' }));
    }
    if (!['GET', 'POST', 'PUT'].includes(request.method)) return notAllowed(reply);
    const opened = openRequest(source, {
      terminals: this.terminals,
      behaviour,
      publicKeyLength: this.settings.publicKeyLength,
    });
    const { parameters, terminal } = opened;
    const reference = parameters.get('reference');
    this.ledger.receive(reference ?? '', {
      at: new Date(),
      path: source.path,
      terminalNumber: terminal?.number,
      couldCharge: parameters.has('bill_amt'),
    });
    return this.exchange.handle(
      reply,
      ['request', 'create'],
      { path: source.path, reference },
      (fault) =>
        this.creation.create(opened, { baseUrl: baseUrl(request), refusal: fault?.refusal }),
    );
  }

  @All('s2s/encrypt')
  createEncrypted(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> | void {
    // The older server has only the other path.
    if (this.generation.behaviour.hasEncryption) return this.create(request, reply);
    const path = gatewayRequest(request).path;
    return send(reply, jsonReply(404, { status: 404, error: 'Not Found', path }));
  }
}

function notAllowed(reply: FastifyReply): void {
  send(reply, jsonReply(405, { status: 405, error: 'Method Not Allowed' }));
}
