// Bodies that a route reads while they arrive: NDJSON, a JSON value per line. No limit on the whole
// body and no deadline for all of it apply to them; their route limits its lines and its waits.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for a route that reads NDJSON as a stream: `@RouteConfig(STREAMED_BODY)`. */
    readonly streamsBody?: true;
  }
}

export const NDJSON_CONTENT_TYPE = 'application/x-ndjson';

/** The configuration of a route whose body is a stream of NDJSON. */
export const STREAMED_BODY = { streamsBody: true } as const;

const streamed = new WeakSet<IncomingMessage>();

/** True for a request to a route that streams its body. */
export function streamsBody({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.streamsBody === true;
}

/** True for a request whose body a route is reading as a stream. */
export function isStreamed(request: IncomingMessage): boolean {
  return streamed.has(request);
}

/**
 * Passes bodies of `application/x-ndjson` on as a stream of bytes: `request.body` is a `Readable`.
 */
export function passNdjsonOn(app: NestFastifyApplication): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.addContentTypeParser(NDJSON_CONTENT_TYPE, (request, payload, done) => {
    if (!streamsBody(request)) return done(null);
    streamed.add(request.raw);
    return done(null, payload);
  });
}
