// The API takes JSON and nothing else: any other content type is told so (415) instead of arriving as something else.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Keeps Fastify's own JSON parser, which refuses to set prototypes, and drops every other. */
export function takeJsonBodiesOnly(app: NestFastifyApplication): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const readJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  // Told to Nest, which at its start would otherwise add its own parsers for JSON and forms.
  app.useBodyParser('application/json', {}, (request, body, done) => {
    void readJson(request as FastifyRequest, body.toString('utf8'), done);
  });
}
