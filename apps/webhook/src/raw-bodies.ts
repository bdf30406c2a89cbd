// Passes the bodies of callbacks to the gateway's codec instead of the framework's parsers: every
// content type arrives as text, decoded by the same function as the gateway's replies.
import { textOfBytes } from '@quittance/gateway-protocol';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** `type/subtype` (RFC 9110 §8.3.1), with or without parameters. */
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;

/**
 * Makes each body a string, whatever its content type, and also when that is missing or invalid.
 */
export function takeBodiesAsText(app: NestFastifyApplication): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  // Registered with Nest, which would otherwise add its own parsers for JSON and forms at its start
  // and prefer them.
  app.useBodyParser('*', {}, ({ headers }, body, done) =>
    done(null, textOfBytes(body, headers['content-type'])),
  );
  // Fastify rejects an invalid content type before it calls a parser, and a callback comes once.
  fastify.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    if (!MEDIA_TYPE.test(headers['content-type'] ?? '')) delete headers['content-type'];
    done();
  });
}
