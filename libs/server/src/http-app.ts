// The HTTP server of every app: Nest on Fastify with the common limits, headers, error responses
// and metrics. The app's root module defines the routes.
import { NestFactory } from '@nestjs/core';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import {
  type AddressRanges,
  callerAddress,
  InvalidRequest,
  newId,
  Logger,
  NestLogger,
  Metrics,
} from '@quittance/platform';
import { refuseOtherMethods } from './allowed-methods.js';
import { takeBodies } from './json-bodies.js';
import { DrainingAdapter } from './draining-adapter.js';
import { HTTP_LIMITS, type HttpLimits, limitConnections } from './http-limits.js';
import { observeRequests } from './request-metrics.js';
import { ProblemFilter } from './problem-filter.js';
import { outlineOf, PROBLEM_CONTENT_TYPE, problemOf } from './problem.js';
import { SchemaPipe } from './schema-faults.js';
import { UnreadableRequests } from './unreadable-requests.js';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The caller's IP address in canonical form; `undefined` if a trusted proxy names none. See
     * {@link callerAddress}.
     */
    readonly callerAddress: string | undefined;
  }
}

/** Options of an HTTP app. */
export interface HttpAppOptions {
  readonly logger: Logger;
  /**
   * Receives the counts and times of requests. {@link MetricsModule} serves them at `/metrics`.
   * Default: a new instance.
   */
  readonly metrics?: Metrics;
  /** Longest body in bytes. A route may set its own limit. Default 64 KiB. */
  readonly bodyLimitBytes?: number;
  /** Overrides of {@link HTTP_LIMITS}. */
  readonly limits?: Partial<HttpLimits>;
  /**
   * Proxies whose `X-Forwarded-For` is trusted. Default none, because any client can write that
   * header.
   */
  readonly trustedProxies?: AddressRanges;
  /**
   * True when callers reach this server by https only, so that it may send HSTS (RFC 6797). Default
   * false.
   */
  readonly isHttpsOnly?: boolean;
}

/**
 * Headers of every response (OWASP ASVS 5 V3.4). A route that serves pages or cacheable files
 * overrides the ones it must. There are no CORS headers, because no page of another origin needs
 * access.
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

/**
 * Two years, as browsers' preload lists require. Sent only if `isHttpsOnly` is set: RFC 6797 §7.2
 * forbids it over plain http.
 */
const HTTPS_ONLY = { 'strict-transport-security': 'max-age=63072000; includeSubDomains' };

/** The root module above an app's own root module. */
@Module({})
class HttpAppModule {}

/** Provides the process's {@link Logger} and {@link Metrics} to every module. */
@Module({})
class ObservabilityModule {}

/**
 * Builds the app. It does not listen yet and has run no hooks. Failures are thrown; it never calls
 * `process.exit`.
 */
export async function createHttpApp(
  rootModule: Type | DynamicModule,
  options: HttpAppOptions,
): Promise<NestFastifyApplication> {
  const { bodyLimitBytes = HTTP_LIMITS.bodyBytes, trustedProxies } = options;
  const { logger, metrics = new Metrics() } = options;
  const limits = { ...HTTP_LIMITS, bodyBytes: bodyLimitBytes, ...options.limits };
  const headers = options.isHttpsOnly ? { ...HEADERS, ...HTTPS_ONLY } : HEADERS;
  const unreadable = new UnreadableRequests(HEADERS);
  const adapter = new DrainingAdapter({
    bodyLimit: limits.bodyBytes,
    // Fastify would trust an X-Forwarded-For entry without parsing it. `callerAddress` below
    // replaces it.
    trustProxy: false,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      maxHeaderSize: limits.headerBytes,
      // Node would reject the request with a response of its own; see below.
      requireHostHeader: false,
    },
    genReqId: () => newId('req'),
    requestIdHeader: false,
    frameworkErrors: answerUnroutable,
    clientErrorHandler: (error, socket) => unreadable.answer(error, socket),
  });
  const provided = [
    { provide: Logger, useValue: logger },
    { provide: Metrics, useValue: metrics },
  ];
  const observability = { providers: provided, exports: provided };
  const root: DynamicModule = {
    module: HttpAppModule,
    imports: [{ module: ObservabilityModule, global: true, ...observability }, rootModule],
  };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  app.useGlobalPipes(new SchemaPipe());
  app.useGlobalFilters(new ProblemFilter(logger));
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  unreadable.watch(fastify.server);
  limitConnections(fastify.server, limits, {
    metrics,
    ...(trustedProxies && { trustedProxies }),
  });
  fastify.decorateRequest('callerAddress', {
    getter(this: FastifyRequest) {
      const forwardedFor = this.headers['x-forwarded-for'];
      return callerAddress({ peer: this.socket.remoteAddress, forwardedFor }, trustedProxies);
    },
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    done(refusalOf(request.raw, limits));
  });
  refuseOtherMethods(fastify);
  // The app accepts no bodies until it registers a reader for them.
  takeBodies(app, () => undefined);
  observeRequests(fastify, metrics);
  return app;
}

/** HTTP/1.1 requires a host (RFC 9112 §3.2). */
function refusalOf(
  { url = '', headers, httpVersion }: IncomingMessage,
  limits: HttpLimits,
): InvalidRequest | undefined {
  if (url.length > limits.addressLength) return ADDRESS_TOO_LONG;
  return httpVersion === '1.1' && headers.host === undefined ? NO_HOST : undefined;
}

const NO_HOST = new InvalidRequest('unreadable_request', 'The request has no Host header.', {
  status: 400,
});
const ADDRESS_TOO_LONG = new InvalidRequest('uri_too_long', 'The address is too long.', {
  status: 414,
});

/** Answers a malformed or over-long address, for which no hook and no filter runs. */
function answerUnroutable(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const outline = outlineOf(error);
  reply
    .code(outline.status)
    .headers({ ...HEADERS, 'x-request-id': request.id, 'content-type': PROBLEM_CONTENT_TYPE })
    .send(JSON.stringify(problemOf(outline, request.id)));
}
