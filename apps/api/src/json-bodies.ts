// The API takes JSON and nothing else: any other content type is told so (415) instead of arriving as something else.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InvalidRequest } from '@quittance/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contentDigestFault } from './access/signature/content-digest.js';
import { nestsDeeperThan } from './json-depth.js';

/** Our deepest request has three levels; what walks a value level by level shall never meet thousands. */
const JSON_DEPTH_MAX = 20;

/** Keeps Fastify's own JSON parser, which refuses to set prototypes, and drops every other. */
export function takeJsonBodiesOnly(app: NestFastifyApplication): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const readJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  // Told to Nest, which at its start would otherwise add its own parsers for JSON and forms.
  app.useBodyParser('application/json', {}, (request, body, done) => {
    const text = body.toString('utf8');
    const fault = faultOf(request.headers['content-digest'], body, text);
    if (fault) done(fault, undefined);
    else void readJson(request as FastifyRequest, text, done);
  });
}

function faultOf(digest: unknown, body: Buffer, text: string): InvalidRequest | undefined {
  if (nestsDeeperThan(text, JSON_DEPTH_MAX)) {
    const detail = `The body nests deeper than ${JSON_DEPTH_MAX} levels.`;
    return new InvalidRequest('unreadable_request', detail, { status: 400 });
  }
  return typeof digest === 'string' ? contentDigestFault(digest, body) : undefined;
}
