// Answers every error at the gateway's addresses in the gateway's form.
import { Catch, type ArgumentsHost, Injectable } from '@nestjs/common';
import { Logger } from '@quittance/platform';
import type { ProblemOutline, RenderedProblem } from '@quittance/server';
import type { FastifyReply } from 'fastify';
import { DatabaseUnavailableFilter } from '../requests/database-unavailable.filter.js';
import { GatewayRefusal, sendReply } from './gateway-reply.js';

@Injectable()
@Catch()
export class GatewayFormFilter extends DatabaseUnavailableFilter {
  // oxlint-disable-next-line no-useless-constructor -- Nest reads the types of own parameters alone
  constructor(log: Logger) {
    super(log);
  }

  override catch(thrown: unknown, host: ArgumentsHost): void {
    if (!(thrown instanceof GatewayRefusal)) return super.catch(thrown, host);
    sendReply(host.switchToHttp().getResponse<FastifyReply>(), thrown.reply);
  }

  /** The gateway's form of a failure that is not about the payment (protocol §3.3). */
  protected override render({ detail, code }: ProblemOutline, requestId: string): RenderedProblem {
    const body = { status: 'error', message: detail, error: code, request_id: requestId };
    return { contentType: 'application/json', text: JSON.stringify(body) };
  }
}
