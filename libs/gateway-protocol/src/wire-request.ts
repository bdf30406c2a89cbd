// The common part of all requests to the gateway: a POST of named values, as JSON or as a form.
import { encodeQueryString } from './query-string.js';

/**
 * An HTTP POST to the gateway, ready to send. The body of a plain create contains the unencrypted
 * card.
 */
export interface WireRequest<Path extends string = string> {
  readonly path: Path;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Parameters by their exact wire names. Undefined and empty ones are not sent, because the gateway
 * never distinguishes them.
 */
export type WireParameters = Readonly<Record<string, string | number | undefined>>;

/**
 * The value of `unique_reference`: exactly this text; the JSON value true is ignored (protocol
 * §11).
 */
export const UNIQUE_REFERENCE = 'Y';

/** Encodes parameters as one flat JSON object. */
export function jsonRequest<Path extends string>(
  path: Path,
  parameters: WireParameters,
): WireRequest<Path> {
  const body = JSON.stringify(Object.fromEntries(given(parameters)));
  return { path, contentType: 'application/json; charset=utf-8', body };
}

/** Encodes parameters as a form. */
export function formRequest<Path extends string>(
  path: Path,
  parameters: WireParameters,
): WireRequest<Path> {
  const contentType = 'application/x-www-form-urlencoded';
  return { path, contentType, body: parametersText(parameters) };
}

/** Encodes parameters as the query string for `encrypted_data` (protocol §2.3). */
export function parametersText(parameters: WireParameters): string {
  return encodeQueryString(given(parameters).map(([name, value]) => [name, String(value)]));
}

function given(parameters: WireParameters): (readonly [string, string | number])[] {
  return Object.entries(parameters).filter(isGiven);
}

function isGiven(
  parameter: [name: string, value: string | number | undefined],
): parameter is [string, string | number] {
  const [, value] = parameter;
  return value !== undefined && value !== '';
}
