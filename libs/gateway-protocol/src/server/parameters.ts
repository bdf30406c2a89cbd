// Parses the parameters of a request as the gateway does (protocol §1.1). Every quirk affects the
// meaning of a client's bytes, so each one is reproduced, even if it looks like a mistake.
import { isExactJsonObject, parseExact, type ExactJson } from '../exact-json.js';
import { parseMultipartFields } from './multipart.js';

export type Parameters = Map<string, string>;

/**
 * A body that is JSON by its content type but not one JSON object; the gateway answers with the
 * catch-all error.
 */
export class MalformedBody extends Error {
  override readonly name = 'MalformedBody';
}

export interface ParameterSource {
  readonly method: string;
  /** The Content-Type header, empty when absent. */
  readonly contentType: string;
  /** The body as text, empty when there is none. */
  readonly body: string;
  /** The query string of the URL without its `?`, still encoded. */
  readonly query: string;
}

/**
 * Parses the parameters by content type. Throws MalformedBody for a JSON body that is not one
 * object.
 */
export function readParameters(source: ParameterSource): Parameters {
  if (source.method === 'GET') return readGetParameters(source.query);
  if (source.contentType.includes('application/json')) return readJson(source.body);
  const parameters: Parameters = new Map();
  addFirstOf(parameters, new URLSearchParams(source.query));
  addFirstOf(parameters, formFields(source));
  return parameters;
}

function formFields(source: ParameterSource): Iterable<[string, string]> {
  if (source.body === '') return [];
  if (source.contentType.includes('multipart/form-data')) {
    return parseMultipartFields(source.body, source.contentType);
  }
  return new URLSearchParams(source.body);
}

/** Adds servlet parameters: the first of a repeated name counts, and values are trimmed. */
function addFirstOf(parameters: Parameters, fields: Iterable<[string, string]>): void {
  for (const [name, value] of fields) if (!parameters.has(name)) parameters.set(name, value.trim());
}

function readJson(body: string): Parameters {
  const parameters: Parameters = new Map();
  // The server joins lines without a newline, and reads an empty body as no parameters.
  const joined = body.replace(/\r?\n/g, '');
  if (joined.trim() === '') return parameters;
  // Numbers keep their spelling: a transID is a valid JSON number that no double can hold.
  const value = parseExact(joined);
  if (value === undefined) throw new MalformedBody('A JSONObject text cannot be read');
  if (!isExactJsonObject(value)) {
    throw new MalformedBody("A JSONObject text must begin with '{'");
  }
  for (const [name, member] of Object.entries(value)) parameters.set(name, stringified(member));
  return parameters;
}

/**
 * Returns every value as a string, `null` included: a null amount ends in the catch-all error, not
 * in 1111.
 */
function stringified(member: ExactJson): string {
  return typeof member === 'string' ? member : JSON.stringify(member);
}

/**
 * Parses a GET twice: as servlet parameters, then from the raw query, which overrides them (§1.1).
 */
function readGetParameters(query: string): Parameters {
  const parameters: Parameters = new Map();
  addFirstOf(parameters, new URLSearchParams(query));
  for (const pair of query.split('&')) {
    const pieces = javaSplit(pair, '=');
    const [name, value] = pieces;
    if (pieces.length !== 2 || name === undefined || value === undefined) continue;
    parameters.set(
      looselyDecoded(name),
      repaired(looselyDecoded(name), looselyDecoded(value), pair),
    );
  }
  return parameters;
}

/**
 * Repairs the public key only: spaces become `+` again, and one `=` that the split removed comes
 * back.
 */
function repaired(name: string, value: string, pair: string): string {
  if (name !== 'public_key') return value;
  return value.replaceAll(' ', '+') + (pair.endsWith('=') ? '=' : '');
}

/** Java's `String.split` drops empty pieces at the end. */
function javaSplit(text: string, separator: string): string[] {
  const pieces = text.split(separator);
  while (pieces.length > 1 && pieces.at(-1) === '') pieces.pop();
  return pieces;
}

function looselyDecoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
