// The one parser an app has for bodies. Whatever the content type, a body arrives here, as the bytes that were sent: what is
// checked here cannot be walked around by naming another type.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';

/** Makes `request.body` of the bytes of a body, which may be none. Throws the fault to answer where it cannot. */
export type BodyReader = (body: Buffer, request: FastifyRequest) => unknown;

/** Reads every body with `read`, and leaves no other parser in the app. A request without a route has its body dropped. */
export function takeBodies(app: NestFastifyApplication, read: BodyReader): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  // Registered with Nest, which at its start would otherwise add parsers of its own, for JSON and for forms.
  app.useBodyParser('*', {}, (raw, body, done) => {
    const request = raw as FastifyRequest;
    done(null, request.is404 ? undefined : read(body, request));
  });
}

/** Whether bytes of a body may follow these headers (RFC 9112 §6.3). Chunks may still turn out to be none. */
export function mayHaveBody(headers: IncomingHttpHeaders): boolean {
  return announcesBytes(headers) || headers['transfer-encoding'] !== undefined;
}

/** Whether at least one byte of a body follows these headers. */
export function announcesBytes(headers: IncomingHttpHeaders): boolean {
  return /[1-9]/.test(headers['content-length'] ?? '');
}
