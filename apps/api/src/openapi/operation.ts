// Helpers to describe operations.
import type { z } from 'zod';
import type { Scope } from '@quittance/api-keys';
import { type ComponentName, inlineSchema, type JsonSchema, refTo } from './components.js';

/** A response of the OpenAPI document. */
export interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, HeaderObject>>;
  readonly content?: Content;
}

interface HeaderObject {
  readonly description: string;
  readonly schema: JsonSchema;
}

interface MediaTypeObject {
  readonly schema: JsonSchema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

/** Bodies by media type. */
export type Content = Readonly<Record<string, MediaTypeObject>>;

interface ParameterObject {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** An operation of the OpenAPI document. */
export interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly 'x-required-scope'?: Scope;
  readonly parameters?: readonly ParameterObject[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Content;
  };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

/** Paths and their operations by method. */
export type PathsObject = Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;

/** A named example. */
export type Examples = Readonly<Record<string, unknown>>;

/** Returns JSON content of a named schema. */
export function json(schema: ComponentName, examples?: Examples): Content {
  return { 'application/json': withExamples({ schema: refTo(schema) }, examples) };
}

/** Returns NDJSON content: each line is a value of one of the named schemas. */
export function ndjson(schemas: readonly ComponentName[], examples?: Examples): Content {
  const [only, ...more] = schemas.map(refTo);
  const schema = only && more.length === 0 ? only : { oneOf: schemas.map(refTo) };
  return { 'application/x-ndjson': withExamples({ schema }, examples) };
}

/** Returns a stream of server-sent events: `data` of each is a value of the named schema. */
export function eventStream(schema: ComponentName): Content {
  return { 'text/event-stream': { schema: refTo(schema) } };
}

/** Returns an optional request header. */
export function requestHeader(
  name: string,
  description: string,
  schema: JsonSchema,
): ParameterObject {
  return { name, in: 'header', required: false, description, schema };
}

/** Returns a media type with examples, if any. */
export function withExamples(
  content: MediaTypeObject,
  examples: Examples | undefined,
): MediaTypeObject {
  if (!examples) return content;
  const named = Object.entries(examples).map(([name, value]) => [name, { value }]);
  return { ...content, examples: Object.fromEntries(named) };
}

/** Returns a response with a body of a named schema. */
export function answer(
  description: string,
  content: Content,
  headers: Readonly<Record<string, HeaderObject>> = {},
): ResponseObject {
  return { description, headers: { 'X-Request-Id': REQUEST_ID, ...headers }, content };
}

/** Returns a response header; its schema is a string by default. */
export function header(description: string, schema: JsonSchema = { type: 'string' }): HeaderObject {
  return { description, schema };
}

const REQUEST_ID = header('Quote it when you report a problem.');
const RETRY_AFTER = header('Seconds after which to try again.', { type: 'integer' });
const CHALLENGE = header('How to authenticate.');
const ACCEPT_SIGNATURE = header('How to sign, when the key requires it (RFC 9421).');
const RATE_LIMIT = header('`r` requests are left for `t` seconds, as far as this process knows.');
const RATE_LIMIT_POLICY = header(
  '`q` requests in `w` seconds (draft-ietf-httpapi-ratelimit-headers).',
);

/** The problem responses, by status. */
const PROBLEMS = {
  400: [
    'Unreadable; `detail` gives the reason: not JSON, not UTF-8, a digest other than `Content-Digest`, or an unexpected body.',
    {},
  ],
  401: [
    'No key, an unknown, revoked or expired one, or a missing, invalid or repeated signature where the key requires one.',
    { 'WWW-Authenticate': CHALLENGE, 'Accept-Signature': ACCEPT_SIGNATURE },
  ],
  403: ['The key does not have the scope.', {}],
  404: ['The object does not exist or is not yours.', {}],
  409: ['Conflicts with the stored state; `code` names the conflict.', {}],
  410: ['What `after` continues with was deleted; `next` continues with what is left.', {}],
  413: ['The body is larger than 64 KiB.', {}],
  415: ['The body does not have the documented content type in UTF-8, or is compressed.', {}],
  431: ['The headers exceed a limit.', {}],
  422: ['The request has faults; `errors` lists all of them.', {}],
  429: [
    'Too many requests from the key or, without a valid key, from the address.',
    { 'Retry-After': RETRY_AFTER, RateLimit: RATE_LIMIT, 'RateLimit-Policy': RATE_LIMIT_POLICY },
  ],
  503: [
    'Temporarily unavailable, or `overloaded`: nothing was done. Sending the request again is safe.',
    { 'Retry-After': RETRY_AFTER },
  ],
} as const satisfies Record<number, readonly [string, Readonly<Record<string, HeaderObject>>]>;

export type ProblemStatus = keyof typeof PROBLEMS;

/** The content of a problem response. */
export const problemContent: Content = {
  'application/problem+json': { schema: refTo('Problem') },
};

/** Returns the problem responses of an operation. */
export function problems(...statuses: ProblemStatus[]): Record<string, ResponseObject> {
  return Object.fromEntries(
    statuses.map((status) => {
      const [description, headers] = PROBLEMS[status];
      const named = status === 431 ? {} : { 'X-Request-Id': REQUEST_ID };
      return [
        String(status),
        { description, headers: { ...named, ...headers }, content: problemContent },
      ];
    }),
  );
}

/** Returns the parameters of a query string, from the schema that parses it. */
export function queryParameters(query: z.ZodObject): ParameterObject[] {
  return Object.entries(query.shape).map(([name, schema]) => {
    const { description, ...rest } = inlineSchema(schema as z.ZodType);
    return {
      name,
      in: 'query',
      required: false,
      ...(description && { description }),
      schema: rest,
    };
  });
}

/** Returns a required path parameter, a string. */
export function pathParameter(name: string, description: string): ParameterObject {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

/** The header `Prefer: wait=N`. */
export const preferWait: ParameterObject = {
  name: 'Prefer',
  in: 'header',
  required: false,
  description:
    '`wait=<seconds>`: hold the response until there is news, for 30 seconds at most. Beyond the limit of held responses, it is sent at once.',
  schema: { type: 'string', examples: ['wait=10'] },
};

/** The header `Idempotency-Key`. */
export const idempotencyKey: ParameterObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A string of your own for this request (draft-ietf-httpapi-idempotency-key-header), beside `reference`. A repeat with the same content gets the payment; a key that came with other content gets 422 `idempotency_key_reused`. Keys are stored as long as their payments.',
  schema: { type: 'string', examples: ['"8e03978e-40d5-43e8-bc93-6894a57f9324"'] },
};

/** An API key with the scope. OpenAPI has no place for scopes of bearer tokens. */
export function needs(scope: Scope): Pick<OperationObject, 'security' | 'x-required-scope'> {
  return { security: [{ apiKey: [] }], 'x-required-scope': scope };
}
