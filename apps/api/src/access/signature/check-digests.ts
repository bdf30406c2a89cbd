// Holds every body against its `Content-Digest` while the bytes pass on their way to a parser, so
// that no choice of a parser can leave the check out.
import { mayHaveBody } from '@quittance/platform';
import type { FastifyInstance } from 'fastify';
import { pipeline, Transform } from 'node:stream';
import { contentDigestFault } from './content-digest.js';

/**
 * Adds the check to the server: `digest_mismatch` (400) for each request whose header names another
 * digest, or none we know.
 */
export function checkDigests(fastify: FastifyInstance): void {
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const digest = request.headers['content-digest'];
    if (typeof digest !== 'string' || request.is404) return done();
    if (!mayHaveBody(request.headers)) return done(contentDigestFault(digest, Buffer.alloc(0)));
    const checked = checkedAgainst(digest);
    // Also tells the parser of a caller that went away.
    pipeline(payload, checked, () => {});
    return done(null, checked);
  });
}

/** Passes bytes on, and fails at their end if they do not have the digest. */
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
