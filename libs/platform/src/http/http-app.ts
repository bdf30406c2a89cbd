// The HTTP server every app has: Nest on Fastify with the limits, headers, error answers and metrics that are the
// same everywhere. What an app serves is its root module.
import { NestFactory } from '@nestjs/core';
import type { Type, DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { newId } from '../ids.js';
import { type Logger, NestLogger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import { DrainingAdapter } from './draining-adapter.js';
import { observeRequests } from './request-metrics.js';
import { ProblemFilter } from './problem-filter.js';
import { outlineOf, outlineOfStatus, PROBLEM_CONTENT_TYPE, problemOf } from './problem.js';
import { SchemaPipe } from './schema-pipe.js';

/** What an HTTP app is made with. */
export interface HttpAppOptions {
  readonly logger: Logger;
  /** Requests are counted and timed here; serving `/metrics` is MetricsModule's affair. */
  readonly metrics?: Metrics;
  /** Longest body in bytes; a route may set its own. Default 64 KiB. */
  readonly bodyLimitBytes?: number;
}

const BODY_LIMIT_BYTES = 64 * 1024;

/** Slow senders: headers and the whole request must arrive within these, looked at every five seconds. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const TIMEOUT_CHECK_MS = 5_000;

/** Longer than the 60 s after which common load balancers drop idle connections: they must hang up first, not we. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Headers of every answer. A route that serves pages or cacheable files overrides what it must. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Builds the app; it neither listens nor has run its hooks yet. Failures are thrown, never `process.exit`. */
export async function createHttpApp(
  rootModule: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const adapter = new DrainingAdapter({
    bodyLimit: options.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    trustProxy: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
    },
    genReqId: () => newId('req'),
    requestIdHeader: false,
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
  });
  const app = await NestFactory.create<NestFastifyApplication>(rootModule, adapter, {
    logger: new NestLogger(options.logger),
    abortOnError: false,
  });
  app.useGlobalPipes(new SchemaPipe());
  app.useGlobalFilters(new ProblemFilter(options.logger));
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS).header('x-request-id', request.id);
    done();
  });
  if (options.metrics) observeRequests(fastify, options.metrics);
  return app;
}

/** A malformed or over-long address is answered before any hook or filter runs. */
function answerUnroutable(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const outline = outlineOf(error);
  reply
    .code(outline.status)
    .headers({ ...HEADERS, 'x-request-id': request.id, 'content-type': PROBLEM_CONTENT_TYPE })
    .send(JSON.stringify(problemOf(outline, request.id)));
}

/** What cannot be read as HTTP at all never reaches the router: answered on the bare socket. */
function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const status = STATUS_OF_CLIENT_ERROR[error.code ?? ''] ?? 400;
  const body = JSON.stringify(problemOf(outlineOfStatus(status), newId('req')));
  socket.end(
    `HTTP/1.1 ${status} Error\r\ncontent-type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const STATUS_OF_CLIENT_ERROR: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};
