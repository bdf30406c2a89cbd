// Reads the key of a request from its bearer token.

const BEARER = /^Bearer +([^ ]+) *$/i;

/** Returns the bearer token, or `undefined` when there is none. */
export function bearerKey(authorization: string | undefined): string | undefined {
  return BEARER.exec(authorization ?? '')?.[1];
}
