// The one place where what was thrown becomes an answer. Faults of the caller are theirs to read
// and only logged for debugging; everything that is ours to mend is logged as an error, with the
// route's template and never its address, which may hold a secret.
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Logger } from '../logging.js';
import { outlineOf, outlineOfStatus, PROBLEM_CONTENT_TYPE, problemOf } from './problem.js';

/**
 * Whether the caller went away before the request was there: a connection that ends so looks like
 * one of ours that broke.
 */
const isCutOff = ({ complete, destroyed }: IncomingMessage): boolean => destroyed && !complete;

/** Answers every error as `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const fault = this.understood(thrown);
    const outline = isCutOff(request.raw) ? outlineOfStatus(400, 'ECONNRESET') : outlineOf(fault);
    this.#logProblem(fault, outline.status, request);
    if (reply.sent) return;
    if (outline.retryAfterSeconds !== undefined) {
      reply.header('retry-after', Math.ceil(outline.retryAfterSeconds));
    }
    reply
      .code(outline.status)
      .header('content-type', PROBLEM_CONTENT_TYPE)
      .send(JSON.stringify(problemOf(outline, request.id)));
  }

  /** What was thrown, in words of ours where an app knows more about it. */
  protected understood(thrown: unknown): unknown {
    return thrown;
  }

  #logProblem(thrown: unknown, status: number, request: FastifyRequest): void {
    const where = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions?.url,
      status,
    };
    if (status >= 500 && status !== 503) {
      this.#log.error({ ...where, err: thrown }, 'request failed');
    } else if (status === 503) {
      this.#log.warn({ ...where, err: thrown }, 'request refused');
    } else {
      this.#log.debug(where, 'request refused');
    }
  }
}
