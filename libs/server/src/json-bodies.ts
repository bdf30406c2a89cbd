// Accepts JSON bodies only. Another content type is refused (415) before a byte of the body is
// read. So are bytes that are not UTF-8 (RFC 8259 §8.1), which decoding would silently replace.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { InvalidRequest } from '@quittance/platform';
import { readJson } from './read-json.js';
import { passNdjsonOn, streamsBody } from './streamed-bodies.js';

/** `application/json`, alone or with `charset=utf-8`; RFC 8259 defines no other charset. */
const JSON_TYPE = /^application\/json(?:[\t ]*;[\t ]*charset=(?:utf-8|"utf-8"))?$/i;

/** The same for NDJSON, which has no registration and is always UTF-8. */
const NDJSON_TYPE = /^application\/x-ndjson(?:[\t ]*;[\t ]*charset=(?:utf-8|"utf-8"))?$/i;
declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for a route whose `request.body` is the bytes of a body of any type, a Buffer. */
    takesBytes?: boolean;
  }
}

/** Methods whose requests have no content (RFC 9110 §9.3.1, §9.3.2). */
const BODILESS = new Set(['GET', 'HEAD']);

/**
 * Accepts bodies of `application/json` only, at most 20 levels deep, and NDJSON on routes that
 * stream it. `request.body` is the parsed value or the stream, or `undefined` if the body is empty
 * or absent. A route with `takesBytes` in its config gets every body as it came. Rejects others
 * with 415 `unsupported_media_type`, 400 `unexpected_body` or 400 `unreadable_request`.
 */
export function takeJsonBodies(app: NestFastifyApplication): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  takeBodies(app, (body, request) => (takesBytes(request) ? body : readJsonBody(body, request)));
  passNdjsonOn(app);
  // Runs after the hooks that authenticate the caller, and before the body is read.
  fastify.addHook('preParsing', (request, _reply, _payload, done) => {
    done(request.is404 ? null : faultOfHeaders(request));
  });
}

function takesBytes({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.takesBytes === true;
}

function faultOfHeaders(request: FastifyRequest): InvalidRequest | null {
  const { method, headers, raw } = request;
  if (!mayHaveBody(headers)) return null;
  if (BODILESS.has(method)) return unexpectedBody(`A ${method} request has no body.`);
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') return CODED;
  if (takesBytes(request)) return null;
  // Node returns the first of several headers; another reader might use the last.
  const types = raw.headersDistinct['content-type'] ?? [];
  // A chunked body may turn out to be empty, and then needs no type.
  const isUndecided = types.length === 0 && !announcesBytes(headers);
  const [form, refusal] = streamsBody(request) ? [NDJSON_TYPE, NO_NDJSON] : [JSON_TYPE, OTHER_TYPE];
  const isExpected = types.length === 1 && form.test(types[0] ?? '');
  return isExpected || isUndecided ? null : refusal;
}

function readJsonBody(body: Buffer, request: FastifyRequest): unknown {
  if (body.length === 0) return undefined;
  if (request.headers['content-type'] === undefined) throw OTHER_TYPE;
  return readJson(body);
}

/** Returns 400 for a body on a route without one. */
export function unexpectedBody(detail: string): InvalidRequest {
  return new InvalidRequest('unexpected_body', detail, { status: 400 });
}

const OTHER_TYPE = unsupported(
  'Send the body as application/json, in UTF-8; no other content type is accepted.',
);
const NO_NDJSON = unsupported(
  'Send the body as application/x-ndjson, in UTF-8; no other content type is accepted here.',
);
const CODED = unsupported('Send the body without a content coding; none is accepted.');

function unsupported(detail: string): InvalidRequest {
  return new InvalidRequest('unsupported_media_type', detail, { status: 415 });
}

/**
 * Converts the bytes of a body, possibly none, to `request.body`. Throws a fault for an invalid
 * body.
 */
export type BodyReader = (body: Buffer, request: FastifyRequest) => unknown;

/**
 * Reads every body with `read` and removes every other parser from the app. The body of a request
 * without a route is discarded.
 */
export function takeBodies(app: NestFastifyApplication, read: BodyReader): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  // Registered with Nest, which would otherwise add its own parsers for JSON and forms at startup.
  app.useBodyParser('*', {}, (raw, body, done) => {
    const request = raw as FastifyRequest;
    done(null, request.is404 ? undefined : read(body, request));
  });
}

/**
 * True when a body may follow these headers (RFC 9112 §6.3). A chunked body may still turn out to
 * be empty.
 */
export function mayHaveBody(headers: IncomingHttpHeaders): boolean {
  return announcesBytes(headers) || headers['transfer-encoding'] !== undefined;
}

/** True when at least one byte of a body follows these headers. */
export function announcesBytes(headers: IncomingHttpHeaders): boolean {
  return /[1-9]/.test(headers['content-length'] ?? '');
}
