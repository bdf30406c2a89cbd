// The HTTP server every app has: Nest on Fastify with the limits, headers, error answers and metrics that are the
// same everywhere. What an app serves is its root module.
import { NestFactory } from '@nestjs/core';
import type { Type, DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { AddressRanges } from '../net/address-ranges.js';
import { InvalidRequest } from '../faults.js';
import { newId } from '../ids.js';
import { type Logger, NestLogger } from '../logging.js';
import type { Metrics } from '../metrics.js';
import { DrainingAdapter } from './draining-adapter.js';
import { HTTP_LIMITS, type HttpLimits, limitConnections } from './http-limits.js';
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
  /** What else may differ from {@link HTTP_LIMITS}. */
  readonly limits?: Partial<HttpLimits>;
  /** Proxies whose `X-Forwarded-For` is believed. Default none: anybody can write that header. */
  readonly trustedProxies?: AddressRanges;
  /** Whether callers reach this server by https alone, so that it may tell browsers so (RFC 6797). Default false. */
  readonly isHttpsOnly?: boolean;
}

/**
 * Headers of every answer (OWASP ASVS 5 V3.4). A route that serves pages or cacheable files overrides what it must. There
 * are no CORS headers: no page of another origin has business here.
 */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Two years, as browsers' preload lists ask for. Not sent unless told to: over plain http RFC 6797 §7.2 forbids it. */
const HTTPS_ONLY = { 'strict-transport-security': 'max-age=63072000; includeSubDomains' };

/** Builds the app; it neither listens nor has run its hooks yet. Failures are thrown, never `process.exit`. */
export async function createHttpApp(
  rootModule: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const { bodyLimitBytes = HTTP_LIMITS.bodyBytes, trustedProxies } = options;
  const limits = { ...HTTP_LIMITS, bodyBytes: bodyLimitBytes, ...options.limits };
  const headers = options.isHttpsOnly ? { ...HEADERS, ...HTTPS_ONLY } : HEADERS;
  const adapter = new DrainingAdapter({
    bodyLimit: limits.bodyBytes,
    trustProxy: trustedProxies ? (address: string) => trustedProxies.has(address) : false,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      maxHeaderSize: limits.headerBytes,
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
  limitConnections(fastify.server, limits, {
    ...(trustedProxies && { trustedProxies }),
    ...(options.metrics && { metrics: options.metrics }),
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    const isTooLong = (request.raw.url?.length ?? 0) > limits.addressLength;
    done(isTooLong ? ADDRESS_TOO_LONG : undefined);
  });
  if (options.metrics) observeRequests(fastify, options.metrics);
  return app;
}

const ADDRESS_TOO_LONG = new InvalidRequest('uri_too_long', 'The address is too long.', {
  status: 414,
});

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
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      Object.entries(HEADERS)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('') +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

const STATUS_OF_CLIENT_ERROR: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};
