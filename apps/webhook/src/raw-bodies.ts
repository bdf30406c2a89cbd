// Callbacks are read by the gateway's codec, not by the framework: every content type arrives as
// text, and the bytes become text by the same reader as the gateway's replies.
import { textOfBytes } from '@quittance/gateway-protocol';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';

/** `type/subtype` (RFC 9110 §8.3.1), with or without parameters. */
const MEDIA_TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/;

/**
 * Hands each body over as a string, whatever its content type says, and also when it says nothing
 * or nonsense.
 */
export function takeBodiesAsText(app: NestFastifyApplication): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  // Told to Nest, which at its start would otherwise add its own parsers for JSON and forms, before
  // this one in the choice.
  app.useBodyParser('*', {}, ({ headers }, body, done) =>
    done(null, textOfBytes(body, headers['content-type'])),
  );
  // Fastify refuses a type that is none before any parser is asked, and a callback comes once.
  fastify.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    if (!MEDIA_TYPE.test(headers['content-type'] ?? '')) delete headers['content-type'];
    done();
  });
}
