// Reads the key of a request: from a bearer token or, for pages that a browser opens, from the
// password of Basic authentication.

const BEARER = /^Bearer +([^ ]+) *$/i;
const BASIC = /^Basic +([A-Za-z0-9+/]+=*) *$/i;

/** Returns the bearer token, or `undefined` when there is none. */
export function bearerKey(authorization: string | undefined): string | undefined {
  return BEARER.exec(authorization ?? '')?.[1];
}

/** Returns the password of Basic authentication. The user name is ignored. */
export function basicKey(authorization: string | undefined): string | undefined {
  const encoded = BASIC.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString();
  return pair.slice(pair.indexOf(':') + 1);
}
