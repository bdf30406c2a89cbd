// Compares every body with its `Content-Digest` while the bytes flow to a parser, so that no choice
// of a parser can skip the check.
import { InvalidRequest } from '@quittance/platform';
import { mayHaveBody, streamsBody } from '@quittance/server';
import type { FastifyInstance } from 'fastify';
import { pipeline, Transform } from 'node:stream';
import { contentDigestFault } from './content-digest.js';

/**
 * Adds the check to the server. A request whose header names another digest, or none that we
 * support, gets `digest_mismatch` (400). So does one on a route that acts before its body has
 * ended.
 */
export function checkDigests(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const digest = request.headers['content-digest'];
    if (typeof digest !== 'string' || request.is404) return done();
    if (streamsBody(request)) return done(NO_DIGEST);
    if (!mayHaveBody(request.headers)) return done(contentDigestFault(digest, Buffer.alloc(0)));
    const checked = checkedAgainst(digest);
    // Also reports a disconnected caller to the parser.
    pipeline(payload, checked, () => {});
    return done(null, checked);
  });
}

const NO_DIGEST = new InvalidRequest(
  'digest_mismatch',
  'This address takes no Content-Digest: it stores lines before it has read the last one.',
  { status: 400 },
);

/** Passes bytes on, and fails at their end if the digest differs. */
function checkedAgainst(digest: string): Transform {
  const chunks: Buffer[] = [];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(contentDigestFault(digest, Buffer.concat(chunks)) ?? null);
    },
  });
}
