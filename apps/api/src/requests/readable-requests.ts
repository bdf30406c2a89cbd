// Rejects requests that cannot be decoded as text. Node and Fastify replace such bytes or leave an
// escape as it is, and a caller would get a response about a value that it never sent.
import { InvalidRequest } from '@quittance/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';

/** Adds the check of address and headers to the server: `unreadable_request` (400). */
export function refuseUnreadableRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => done(faultOf(request)));
}

function faultOf({ raw, originalUrl }: FastifyRequest): InvalidRequest | undefined {
  if (!isDecodable(originalUrl)) return BROKEN_ESCAPE;
  return raw.rawHeaders.every(isText) ? undefined : FOREIGN_BYTES;
}

/** True when each percent escape is complete and the result is UTF-8. */
function isDecodable(address: string): boolean {
  if (!address.includes('%')) return true;
  try {
    decodeURIComponent(address);
    return true;
  } catch {
    return false;
  }
}

const NOT_ASCII = /[^\0-\x7f]/;

/** True when a header is UTF-8. Node represents each byte of it as a character. */
function isText(value: string): boolean {
  return !NOT_ASCII.test(value) || isUtf8(Buffer.from(value, 'latin1'));
}

const unreadable = (detail: string) =>
  new InvalidRequest('unreadable_request', detail, { status: 400 });

const BROKEN_ESCAPE = unreadable(
  'The address has a percent escape that is not UTF-8 (RFC 3986 §2.1).',
);
const FOREIGN_BYTES = unreadable('A header has bytes that are not UTF-8.');
