// Turns every thrown error into a response. Faults of the caller are logged at debug level only.
// Faults of ours are logged as errors, with the route's template and never with its address, which
// may contain a secret.
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Logger } from '@quittance/platform';
import {
  outlineOf,
  outlineOfStatus,
  PROBLEM_CONTENT_TYPE,
  problemOf,
  type ProblemOutline,
} from './problem.js';

/**
 * True when the caller disconnected before its request was complete. Such an error looks like a
 * broken connection of ours.
 */
const isAborted = ({ complete, destroyed }: IncomingMessage): boolean => destroyed && !complete;

/** The body of an error response, and its type. */
export interface RenderedProblem {
  readonly contentType: string;
  readonly text: string;
}

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
    const fault = this.translate(thrown);
    const outline = isAborted(request.raw) ? outlineOfStatus(400, 'ECONNRESET') : outlineOf(fault);
    this.#logProblem(fault, outline.status, request);
    if (reply.sent) return;
    if (outline.retryAfterSeconds !== undefined) {
      reply.header('retry-after', Math.ceil(outline.retryAfterSeconds));
    }
    const { contentType, text } = this.render(outline, request.id);
    reply.code(outline.status).header('content-type', contentType).send(text);
  }

  /** Returns the body of the response. Routes with a form of their own override it. */
  protected render(outline: ProblemOutline, requestId: string): RenderedProblem {
    return {
      contentType: PROBLEM_CONTENT_TYPE,
      text: JSON.stringify(problemOf(outline, requestId)),
    };
  }

  /**
   * Returns the thrown error, or a fault in its place. Apps override it for errors that they know
   * more about.
   */
  protected translate(thrown: unknown): unknown {
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
